"""Pure ASGI middleware for http and websocket alike. Starlette's BaseHTTPMiddleware never runs for sockets.

Order, outermost first: RequestContext, ApiHeaders, BodyLimit, Authentication.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import metrics
from shared.clock import random_bytes
from shared.errors import Forbidden, NotFound, Problem, Unauthenticated, problem_response
from shared.logging import bind
from shared.tokens import Claims, InvalidToken, Tokens

log = structlog.get_logger("access")

REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
REQUEST_ID_BYTES = 16
BEARER_PROTOCOL = "bearer."
ANSWERS = frozenset({"http.response.start", "websocket.http.response.start"})
STARTS = ANSWERS | {"websocket.accept"}


class RequestContext:
    """Gives every request an id, in the scope, in the log lines and in the answer; logs and counts it at the end."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else random_bytes(REQUEST_ID_BYTES).hex()
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] in STARTS:
                status = message.get("status", 101)
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        # Nothing to unbind: each request and socket has a task and an empty context of its own (`shared.server`).
        bind(request_id=request_id, client=client_address(scope))
        started = time.perf_counter()
        try:
            await self.app(scope, receive, send_with_id)
        except Exception:
            # It is answered and logged already; uvicorn would log it again and drop the connection.
            if not status:
                raise
        finally:
            seconds = time.perf_counter() - started
            self._record(scope, status, seconds)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        method = scope.get("method", "WEBSOCKET")
        metrics.observe_request(method, route, status, seconds)
        # The path alone: a query string may hold what somebody searched for.
        log.info("request", method=method, path=scope["path"], status=status, ms=round(seconds * 1000, 1))


class ApiHeaders:
    """The headers of every API answer that does not bring its own."""

    DEFAULTS = (
        (b"cache-control", b"private, no-store"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
    )

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] in ANSWERS:
                headers = message.get("headers", ())
                brought = {name for name, _ in headers}
                message["headers"] = [*headers, *(header for header in self.DEFAULTS if header[0] not in brought)]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class BodyTooLarge(HTTPException):
    """Raised while a body is read; an HTTPException, because the framework turns all else into a 400."""

    def __init__(self) -> None:
        super().__init__(status_code=413)


class BodyLimit:
    """Refuses to read a body over its limit: at once when it says so, else at the byte that goes over."""

    def __init__(self, app: ASGIApp, default: int, paths: Mapping[str, int]) -> None:
        self.app = app
        self.default = default
        self.paths = paths
        self.folders = [(path, limit) for path, limit in paths.items() if path.endswith("/")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        announced = Headers(scope=scope).get("content-length", "")
        is_too_large = announced.isdigit() and int(announced[:20]) > limit
        received = 0

        async def counted_receive() -> Message:
            nonlocal received
            if is_too_large:
                raise BodyTooLarge
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise BodyTooLarge
            return message

        await self.app(scope, counted_receive, send)

    def _limit(self, path: str) -> int:
        if path in self.paths:
            return self.paths[path]
        return next((most for prefix, most in self.folders if path.startswith(prefix)), self.default)


Credentials = Callable[[Scope, Headers], Claims | None]
"""Another way than a bearer token to prove who one is, for the requests it recognises; raises InvalidToken."""


class Authentication:
    """Says who is asking, for http and websocket, before a body is read or a socket accepted.

    Everything is private but the paths in `public`. A private route without a good token is 401; a path without a route
    goes on, to become a 404. The result is in `scope["state"]["claims"]`.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        tokens: Tokens,
        is_ended: Callable[[UUID], bool],
        routes: Callable[[], Iterable[BaseRoute]],
        public: Iterable[str] = (),
        allowed_origins: Iterable[str] = (),
        other_credentials: Credentials | None = None,
    ) -> None:
        self.app = app
        self.tokens = tokens
        self.is_ended = is_ended
        self.routes = routes
        self.public = frozenset(public)
        self.allowed_origins = frozenset(allowed_origins)
        self.other_credentials = other_credentials

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        token = bearer_token(headers, is_socket=scope["type"] == "websocket")
        claims = self._claims(scope, headers, token)
        scope.setdefault("state", {})["claims"] = claims
        refusal: Problem | None = None
        if scope["type"] == "websocket" and not is_same_origin(headers, self.allowed_origins):
            refusal = Forbidden("This origin may not open a socket.")
        elif scope["type"] == "websocket" and not self._has_route(scope):
            refusal = NotFound()
        elif claims is None and scope["path"] not in self.public and self._has_route(scope):
            refusal = Unauthenticated(token_was_given=token is not None)
        if refusal is not None:
            await _refuse(refusal, scope, receive, send)
            return
        if claims is not None:
            bind(user_id=claims.user_id)
        await self.app(scope, receive, send)

    def _claims(self, scope: Scope, headers: Headers, token: str | None) -> Claims | None:
        try:
            if token is not None:
                claims: Claims | None = self.tokens.verify(token)
            else:
                claims = self.other_credentials(scope, headers) if self.other_credentials else None
        except InvalidToken:
            return None
        return None if claims is None or self.is_ended(claims.session_id) else claims

    def _has_route(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in self.routes())


def bearer_token(headers: Headers, *, is_socket: bool = False) -> str | None:
    """The access token of a request, "" if its header is malformed, None if there is none.

    A browser cannot set headers on a socket; it sends the token as a subprotocol instead. Never from the URL: those are
    logged.
    """
    values = headers.getlist("authorization")
    if values:
        scheme, _, token = values[0].partition(" ")
        return token.strip() if len(values) == 1 and scheme.lower() == "bearer" else ""
    if is_socket:
        for protocol in headers.get("sec-websocket-protocol", "").split(","):
            if protocol.strip().startswith(BEARER_PROTOCOL):
                return protocol.strip().removeprefix(BEARER_PROTOCOL)
    return None


def is_same_origin(headers: Headers, allowed: Iterable[str]) -> bool:
    """Whether a browser's `Origin` is this site or an allowed one; other clients send none."""
    origin = headers.get("origin")
    if origin is None or origin in allowed:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == headers.get("host", "").lower()


def client_address(scope: Scope) -> str:
    """The peer's address; uvicorn has put a trusted proxy's word for it there (TRUSTED_PROXIES)."""
    client = scope.get("client")
    return client[0] if client else "unknown"


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    response = problem_response(problem, scope["state"]["request_id"])
    await response(scope, receive, send)  # on a websocket scope Starlette sends this as the handshake's refusal
