"""The answer that brings a file's bytes: the whole or a part, from here or by way of the gateway's nginx."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chat_service.files import ranges
from chat_service.files.names import content_disposition
from chat_service.files.service import StoredFile
from chat_service.files.sniffing import INLINE
from chat_service.files.storage import Storage
from shared.errors import NotFound


class Delivery:
    """Whoever is asked has been let in already."""

    def __init__(self, storage: Storage, *, by_gateway: bool) -> None:
        self._storage = storage
        self._by_gateway = by_gateway

    async def answer(self, request: Request, file: StoredFile) -> Response:
        """RFC 9110: conditions first, then the range."""
        headers = _headers(file)
        if ranges.is_unchanged(request.headers, file.etag):
            return Response(status_code=304, headers=headers)
        try:
            part = ranges.wanted_part(request.headers, file.etag, file.size)
        except ranges.Unsatisfiable:
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{file.size}"})
        if self._by_gateway and request.method == "GET" and _is_plain(request, part):
            headers |= await self._redirect(file.key)
            del headers["Accept-Ranges"]  # nginx brings its own
            return Response(headers=headers, media_type=file.content_type)
        start, end = (0, file.size) if part is None else (part.start, part.end)
        headers["Content-Length"] = str(end - start)
        if part is not None:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
        body = _nothing() if request.method == "HEAD" else await self._begun(file.key, start, end)
        return StreamingResponse(
            body, status_code=200 if part is None else 206, headers=headers, media_type=file.content_type
        )

    async def _begun(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes, the first of which are here already: what fails until then is told, and no broken answer."""
        chunks = self._storage.read(key, start, end)
        try:
            first = await anext(chunks, b"")
        except FileNotFoundError:  # its message is being deleted
            raise NotFound("There is no such file.") from None
        return _chain(first, chunks)

    async def _redirect(self, key: str) -> dict[str, str]:
        """Tells nginx where the bytes are (gateway/nginx/templates/server.conf.template)."""
        url = await self._storage.signed_url(key)
        return {"X-Accel-Redirect": f"/.files/{key}"} if url is None else {"X-Accel-Redirect": "/.s3", "X-S3-URL": url}


def _headers(file: StoredFile) -> dict[str, str]:
    kind = "inline" if file.content_type in INLINE else "attachment"
    return {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": content_disposition(kind, file.filename),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "ETag": file.etag,
    }


def _is_plain(request: Request, part: ranges.Part | None) -> bool:
    """Whether nginx, which sees the same request, comes to the same part as we did."""
    if "if-range" in request.headers:
        return False
    return part is not None or "range" not in request.headers


async def _chain(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in others:
        yield chunk


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
