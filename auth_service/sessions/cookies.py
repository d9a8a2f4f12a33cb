"""The refresh cookie of browsers, and when it counts."""

from datetime import datetime

from fastapi import Request, Response

from auth_service.errors import BadOrigin
from shared.clock import utc_now
from shared.middleware import is_same_origin

NAME = "refresh_token"
SECURE_NAME = "__Host-refresh_token"  # the prefix makes browsers insist on Secure, Path=/ and no Domain


def _name(request: Request) -> str:
    return SECURE_NAME if request.url.scheme == "https" else NAME


def read(request: Request) -> str | None:
    """The refresh token of this browser, if it has one."""
    return request.cookies.get(_name(request))


def write(request: Request, response: Response, token: str, expires_at: datetime) -> None:
    """Keep the token in the browser, out of reach of scripts and of other sites."""
    response.set_cookie(
        _name(request),
        token,
        max_age=max(0, int((expires_at - utc_now()).total_seconds())),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def clear(request: Request, response: Response) -> None:
    """Forget the token. Only for a dead session and by logout: who lost a race must not clear what the winner got."""
    response.delete_cookie(
        _name(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="strict"
    )


def require_own_page(request: Request, allowed_origins: list[str]) -> None:
    """Refuse a request that another site's page could have made: `SameSite` alone is not a wall."""
    if request.headers.get("x-requested-with") != "fetch" or not is_same_origin(request.headers, allowed_origins):
        raise BadOrigin
