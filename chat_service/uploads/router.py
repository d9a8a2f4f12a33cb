"""The endpoints of resumable uploads: tus 1.0.0, and the call that makes a file of one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from chat_service.deps import CurrentUser, UploadsDep
from chat_service.messages.schemas import Attachment
from chat_service.uploads import tus
from shared.errors import Problem, problem_response
from shared.routing import ContractRoute, Router

PART_BYTES = 1024 * 1024
"""What is kept in memory of an upload; so much is sent again after a crash at most."""
SILENCE_SECONDS = 60.0
"""A client that sends nothing for so long is gone."""


class TusRoute(ContractRoute):
    """A route that speaks tus: its version is in every request and every answer, refusals too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            try:
                if request.method != "OPTIONS":
                    tus.require_version(request.headers)
                response = await handle(request)
            except Problem as problem:
                response = problem_response(problem, request.state.request_id)
            response.headers["Tus-Resumable"] = tus.VERSION
            return response

        return checked


tus_router = Router(prefix="/api/files/uploads", tags=["uploads"], route_class=TusRoute)
router = Router(prefix="/api/files/uploads", tags=["uploads"])


@tus_router.options("", status_code=204)
async def describe_uploads(_: CurrentUser, uploads: UploadsDep, response: Response) -> None:
    """What this server can do of the protocol."""
    response.headers["Tus-Version"] = tus.VERSION
    response.headers["Tus-Extension"] = tus.EXTENSIONS
    response.headers["Tus-Max-Size"] = str(uploads.max_bytes)


@tus_router.post("", status_code=201, response_class=Response)
async def create_upload(request: Request, me: CurrentUser, uploads: UploadsDep) -> Response:
    """Begin an upload of `Upload-Length` bytes; `Location` is where they go."""
    size = tus.upload_length(request.headers, uploads.max_bytes)
    upload = await uploads.create(me.user_id, size, tus.filename(request.headers))
    location = {"Location": f"/api/files/uploads/{upload.id}"}
    return Response(status_code=201, headers=location | tus.answer_headers(expires=uploads.expiry(upload)))


@tus_router.head("/{upload_id:uuid}", include_in_schema=False)
async def find_upload(upload_id: UUID, me: CurrentUser, uploads: UploadsDep) -> Response:
    """How many bytes are here."""
    upload = await uploads.find_settled(me.user_id, upload_id)
    return Response(
        headers=tus.answer_headers(offset=upload.received, length=upload.size, expires=uploads.expiry(upload))
        | {"Cache-Control": "no-store"}
    )


@tus_router.patch("/{upload_id:uuid}", status_code=204)
async def append_to_upload(
    upload_id: UUID, request: Request, me: CurrentUser, uploads: UploadsDep, response: Response
) -> None:
    """Add bytes from `Upload-Offset` on. What came before a connection broke is kept."""
    offset = tus.chunk_offset(request.headers)
    upload = await uploads.append(me.user_id, upload_id, offset, _pieces(request))
    response.headers.update(tus.answer_headers(offset=upload.received, expires=uploads.expiry(upload)))


@tus_router.delete("/{upload_id:uuid}", status_code=204)
async def cancel_upload(upload_id: UUID, me: CurrentUser, uploads: UploadsDep) -> None:
    """Give an upload up."""
    await uploads.cancel(me.user_id, upload_id)


@router.post(
    "/{upload_id:uuid}/file",
    status_code=201,
    responses={200: {"model": Attachment, "description": "It was made before"}},
)
async def complete_upload(upload_id: UUID, me: CurrentUser, uploads: UploadsDep, response: Response) -> Attachment:
    """Make a file of an upload whose bytes are all here. Asked again, it is the same file."""
    attachment, is_new = await uploads.complete(me.user_id, upload_id)
    if not is_new:
        response.status_code = 200
    return attachment


async def _pieces(request: Request) -> AsyncIterator[bytearray]:
    """The body in parts of PART_BYTES. Of a client that goes away, the last one is what there was."""
    waiting = bytearray()
    chunks = request.stream()
    while True:
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                chunk = await anext(chunks)
        except (StopAsyncIteration, ClientDisconnect, TimeoutError):
            break
        waiting += chunk
        if len(waiting) >= PART_BYTES:
            yield waiting
            waiting = bytearray()
    if waiting:
        yield waiting
