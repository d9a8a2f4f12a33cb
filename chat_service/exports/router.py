"""The export endpoint."""

from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse

from chat_service.deps import CurrentUser, ExportsDep
from shared.routing import Router

router = Router(prefix="/api/export", tags=["export"])


@router.get(
    "",
    response_class=StreamingResponse,
    responses={200: {"description": "A ZIP archive", "content": {"application/zip": {}}}},
)
async def export_my_data(me: CurrentUser, exports: ExportsDep) -> StreamingResponse:
    """My profile, my conversations (a message a line, in JSON) and their files."""
    chunks = exports.start(me.user_id)

    async def guarded() -> AsyncIterator[bytes]:
        try:
            async for chunk in chunks:
                yield chunk
        finally:
            exports.end(me.user_id)

    return StreamingResponse(
        guarded(),
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="communication-export.zip"'},
    )
