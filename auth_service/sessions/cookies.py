"""The cookies of browsers, and when they count.

`refresh_token` opens `refresh` and `logout`, and no script can read it. `signed_in` says that it is there and nothing
else: with it a page knows whether asking for tokens makes sense, without a refused request in the browser's console.
"""

from datetime import datetime

from fastapi import Request, Response

from auth_service.errors import BadOrigin
from shared.clock import utc_now
from shared.middleware import is_same_origin

NAME = "refresh_token"
HINT_NAME = "signed_in"
SECURE_NAME = "__Host-refresh_token"  # the prefix makes browsers insist on Secure, Path=/ and no Domain


def _name(request: Request) -> str:
    return SECURE_NAME if request.url.scheme == "https" else NAME


def read(request: Request) -> str | None:
    """The refresh token of this browser, if it has one."""
    return request.cookies.get(_name(request))


def write(request: Request, response: Response, token: str, expires_at: datetime) -> None:
    """Keep the token in the browser, out of reach of scripts and of other sites."""
    for name, value, is_hidden in ((_name(request), token, True), (HINT_NAME, "1", False)):
        response.set_cookie(
            name,
            value,
            max_age=max(0, int((expires_at - utc_now()).total_seconds())),
            path="/",
            secure=request.url.scheme == "https",
            httponly=is_hidden,
            samesite="strict",
        )


def clear(request: Request, response: Response) -> None:
    """Forget the token. Only for a dead session and by logout: who lost a race must not clear what the winner got."""
    for name, is_hidden in ((_name(request), True), (HINT_NAME, False)):
        response.delete_cookie(
            name, path="/", secure=request.url.scheme == "https", httponly=is_hidden, samesite="strict"
        )


def is_own_page(request: Request, allowed_origins: list[str]) -> bool:
    """Whether only our own page can have made this request: `SameSite` alone is not a wall."""
    return request.headers.get("x-requested-with") == "fetch" and is_same_origin(request.headers, allowed_origins)


def require_own_page(request: Request, allowed_origins: list[str]) -> None:
    """Refuse a request that another site's page could have made."""
    if not is_own_page(request, allowed_origins):
        raise BadOrigin
