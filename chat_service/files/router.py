"""The file endpoints."""

from typing import Annotated
from uuid import UUID

from fastapi import File, Request, Response, UploadFile

from chat_service.deps import CurrentUser, DeliveryDep, FileAccessDep, FilesDep
from chat_service.files.schemas import Limits
from chat_service.files.service import Upload
from chat_service.messages.schemas import MAX_ATTACHMENTS, Attachment
from shared.errors import Invalid
from shared.routing import Router
from shared.schemas import is_storable

router = Router(prefix="/api/files", tags=["files"])

FILE_RESPONSES: dict[int | str, dict[str, object]] = {
    200: {"description": "The file", "content": {"application/octet-stream": {}}},
    206: {"description": "A part of it"},
    304: {"description": "The client has it already"},
    416: {"description": "Outside the file"},
}


@router.post("/upload", status_code=201)
async def upload_files(
    files: Annotated[list[UploadFile], File(min_length=1, max_length=MAX_ATTACHMENTS)],
    me: CurrentUser,
    service: FilesDep,
) -> list[Attachment]:
    """Upload files, all or none. Until they are sent they are visible to me alone, and gone after a day."""
    if not all(is_storable(file.filename or "") for file in files):
        raise Invalid("A file's name must not contain U+0000.")
    return await service.upload(me.user_id, [Upload(f.filename, f.size or 0, f.file) for f in files])


@router.get("/limits")
async def read_file_limits(me: CurrentUser, service: FilesDep) -> Limits:
    """How much I may upload, to be told before and not after."""
    return await service.limits(me.user_id)


@router.post("/access", status_code=204)
async def grant_file_access(me: CurrentUser, access: FileAccessDep, request: Request, response: Response) -> None:
    """A cookie that opens files in this browser, as long as this session lives."""
    access.grant(request, response, me)


@router.head("/{file_id:uuid}", include_in_schema=False)
@router.get("/{file_id:uuid}", response_class=Response, responses=FILE_RESPONSES)
async def read_file(
    file_id: UUID, me: CurrentUser, service: FilesDep, delivery: DeliveryDep, request: Request
) -> Response:
    """A file's bytes, for the two people of its message."""
    return await delivery.answer(request, await service.find(me.user_id, file_id, thumbnail=False))


@router.head("/{file_id:uuid}/thumbnail", include_in_schema=False)
@router.get("/{file_id:uuid}/thumbnail", response_class=Response, responses=FILE_RESPONSES)
async def read_thumbnail(
    file_id: UUID, me: CurrentUser, service: FilesDep, delivery: DeliveryDep, request: Request
) -> Response:
    """A small WebP picture of an image."""
    return await delivery.answer(request, await service.find(me.user_id, file_id, thumbnail=True))
