"""One tree of errors for REST and socket, answered as RFC 9457 problems.

Every error is a class with a status and a stable `code`; nothing of a driver or library reaches a client.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.routing import Match

log = structlog.get_logger(__name__)

PROBLEM_JSON = "application/problem+json"


class Problem(Exception):
    """The root of the tree. `detail` is a sentence for people, `code` a word for programs."""

    status: int = 500
    code: str = "internal_error"
    detail: str = "Something went wrong on our side."

    def __init__(self, detail: str | None = None, *, retry_after: int | None = None) -> None:
        super().__init__(detail or self.detail)
        if detail is not None:
            self.detail = detail
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """The problem's members, less `request_id`."""
        return {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }

    def headers(self) -> dict[str, str]:
        """Headers that belong to this answer."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


class Unauthenticated(Problem):
    """No token, or one that is malformed, expired or revoked: one body for every cause (RFC 6750 §3)."""

    status = 401
    code = "unauthenticated"
    detail = "A valid access token is needed."

    def __init__(self, *, token_was_given: bool = False) -> None:
        super().__init__()
        self.token_was_given = token_was_given

    def headers(self) -> dict[str, str]:
        challenge = 'Bearer error="invalid_token"' if self.token_was_given else "Bearer"
        return {"WWW-Authenticate": challenge}


class Forbidden(Problem):
    """You see it but may not do that."""

    status = 403
    code = "forbidden"
    detail = "You may not do that."


class NotFound(Problem):
    """It does not exist, or it is not yours to see."""

    status = 404
    code = "not_found"
    detail = "There is nothing here."


class Conflict(Problem):
    """At odds with the present state."""

    status = 409
    code = "conflict"
    detail = "That is at odds with the present state."


class TooLarge(Problem):
    """More bytes than this place takes."""

    status = 413
    code = "too_large"
    detail = "That is larger than this server takes."


class UnsupportedMediaType(Problem):
    """A body of a type that this place does not read."""

    status = 415
    code = "unsupported_media_type"
    detail = "The body has a type that is not accepted here."


class Invalid(Problem):
    """Well-formed, but not acceptable; `errors` names the places and never echoes the input."""

    status = 422
    code = "invalid"
    detail = "Some of the input is not acceptable."

    def __init__(self, detail: str | None = None, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(detail)
        self.errors = errors or []

    def body(self) -> dict[str, Any]:
        return {**super().body(), "errors": self.errors}


class TooMany(Problem):
    """A limit is reached; `Retry-After` says when to come back."""

    status = 429
    code = "too_many_requests"
    detail = "Too many requests. Please wait a little."


class Unavailable(Problem):
    """A part is down or full. Never a false success."""

    status = 503
    code = "unavailable"
    detail = "A part of the service is not available right now. Please try again."

    def __init__(self, detail: str | None = None, *, retry_after: int = 2) -> None:
        super().__init__(detail, retry_after=retry_after)


def from_http_exception(error: HTTPException) -> Problem:
    """What the framework itself raises (no route, wrong method, unreadable body), as our own."""
    if error.status_code == 400:  # the framework's word for a body that it could not parse
        return Invalid("The body could not be read.")
    if error.status_code == 405:
        return MethodNotAllowed(allow=(error.headers or {}).get("Allow", ""))
    kinds: dict[int, type[Problem]] = {403: Forbidden, 404: NotFound, 413: TooLarge, 415: UnsupportedMediaType}
    return kinds.get(error.status_code, Problem)()


PASSING = frozenset({"40001", "40P01", "55P03"})  # serialization failure, deadlock, lock not available: later it works
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def allowed_methods(request: Request) -> str:
    """Every method that this path has; the framework names only those of the first route that matches."""
    routes = request.app.router.routes
    found = [
        method
        for method in METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    return ", ".join(found)


class MethodNotAllowed(Problem):
    """The path exists, with other methods."""

    status = 405
    code = "method_not_allowed"
    detail = "That method is not available here."

    def __init__(self, *, allow: str) -> None:
        super().__init__()
        self.allow = allow

    def headers(self) -> dict[str, str]:
        return {"Allow": self.allow}


def from_validation_error(errors: list[Any]) -> Invalid:
    """A 422 without `input` and `ctx`: they would echo passwords, and may hold what JSON cannot."""
    return Invalid(errors=[{"loc": list(e["loc"]), "msg": _printable(e["msg"]), "type": e["type"]} for e in errors])


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def is_outage(error: BaseException) -> bool:
    """Whether this says that a database is unreachable, slow or restarting, not that our SQL is wrong."""
    if isinstance(error, Unavailable):
        return True
    if isinstance(error, DBAPIError):
        return isinstance(error, OperationalError) or error.connection_invalidated or _is_connection(error.orig)
    return isinstance(error, PoolTimeoutError | TimeoutError | ConnectionError | OSError)


def _is_connection(cause: BaseException | None) -> bool:
    """asyncpg says "starting up", "shutting down" and "cancelled" as SQLSTATE classes 57, 08 and 53."""
    sqlstate = str(getattr(cause, "sqlstate", "") or "")
    return sqlstate[:2] in {"08", "53", "57"} or sqlstate in PASSING or isinstance(cause, OSError)


def as_problem(error: BaseException) -> Problem:
    """Any exception as what a client may see of it."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return from_validation_error(list(error.errors()))
    if isinstance(error, HTTPException):
        return from_http_exception(error)
    if is_outage(error):
        return Unavailable()
    return Problem()


def problem_response(problem: Problem, request_id: str, extra: Mapping[str, Any] | None = None) -> JSONResponse:
    """The answer for a problem; `extra` adds members (RFC 9457 §3.2)."""
    return JSONResponse(
        {**problem.body(), **(extra or {}), "request_id": request_id},
        status_code=problem.status,
        headers=problem.headers(),
        media_type=PROBLEM_JSON,
    )


async def answer_error(request: Request, error: Exception) -> JSONResponse:
    """The answer to a request that failed; what is our fault is logged."""
    problem = as_problem(error)
    if isinstance(problem, MethodNotAllowed):
        problem.allow = allowed_methods(request)
    if problem.status >= 500:
        log.error("request failed", path=request.url.path, error=repr(error), exc_info=not is_outage(error))
    return problem_response(problem, request.scope["state"]["request_id"])


def install_error_handlers(app: FastAPI) -> None:
    """Answer everything that can go wrong in a route as a problem."""
    for kind in (Problem, HTTPException, RequestValidationError, DBAPIError, PoolTimeoutError, OSError):
        app.add_exception_handler(kind, answer_error)
    app.add_exception_handler(Exception, answer_error)
