"""The cookie that opens files, so that `<img>`, `<video>` and links work without a token in a URL."""

from http.cookies import CookieError, SimpleCookie

from fastapi import Request, Response
from starlette.datastructures import Headers
from starlette.types import Scope

from shared.tokens import FILE_TYPE, Claims, Tokens

COOKIE = "file_access"
PATH = "/api/files"
LIFETIME_SECONDS = 24 * 60 * 60  # not longer than ended sessions are remembered


class FileAccess:
    """Gives the cookie and reads it. It dies with its session, because it carries the session's id."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def grant(self, request: Request, response: Response, me: Claims) -> None:
        """Let this browser read files as this person."""
        response.set_cookie(
            COOKIE,
            self._tokens.issue(me.user_id, me.session_id, LIFETIME_SECONDS, FILE_TYPE),
            max_age=LIFETIME_SECONDS,
            path=PATH,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )

    def credentials(self, scope: Scope, headers: Headers) -> Claims | None:
        """Whom the cookie speaks for, in a request that reads a file; in any other it counts for nothing."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return None
        if not scope["path"].startswith(f"{PATH}/"):
            return None
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return None
        return None if morsel is None else self._tokens.verify(morsel.value, FILE_TYPE)
