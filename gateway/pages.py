"""The built SPA: what nginx serves in the stack, with the same headers."""

from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.middleware import RequestContext

IMMUTABLE = "public, max-age=31536000, immutable"
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
NOT_PAGES = ("/assets/", "/metrics", "/.")


class Pages:
    """Files that exist, and the one page for every other path: the SPA knows its own routes."""

    def __init__(self, dist: Path) -> None:
        self._app: ASGIApp = RequestContext(_Headers(GZipMiddleware(_Fallback(dist), minimum_size=512)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


class _Fallback:
    def __init__(self, dist: Path) -> None:
        self._dist = dist
        self._files = StaticFiles(directory=dist)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if scope["method"] not in ("GET", "HEAD"):
            await Response(status_code=405, headers={"Allow": "GET, HEAD"})(scope, receive, send)
        elif self._is_file(path):
            await self._files(scope, receive, send)
        elif path.startswith(NOT_PAGES):
            await Response("Not found", status_code=404)(scope, receive, send)
        else:
            await self._files({**scope, "path": "/index.html"}, receive, send)

    def _is_file(self, path: str) -> bool:
        try:
            full, _ = self._files.lookup_path(path.lstrip("/"))
        except (OSError, ValueError):  # a name that is too long, or has U+0000
            return False
        return bool(full) and Path(full).is_file()


class _Headers:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                is_asset = scope["path"].startswith("/assets/") and message["status"] in (200, 206, 304)
                headers["Cache-Control"] = IMMUTABLE if is_asset else "no-cache"
            await send(message)

        await self._app(scope, receive, send_with_headers)
