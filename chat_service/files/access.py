"""The cookie that opens files, so that `<img>`, `<video>` and links work without a token in a URL."""

import time

from fastapi import Request, Response
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from shared.tokens import FILE_TYPE, Claims, Tokens

COOKIE = "file_access"
PATH = "/api/files"


class FileAccess:
    """Gives the cookie and reads it. It dies with its session, because it carries the session's id."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def grant(self, request: Request, response: Response, me: Claims) -> None:
        """Let this browser read files as this person until its access token expires; pages renew both together."""
        lifetime = max(1, me.expires_at - int(time.time()))
        response.set_cookie(
            COOKIE,
            self._tokens.issue(me.user_id, me.session_id, lifetime, FILE_TYPE),
            max_age=lifetime,
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
        value = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        return None if value is None else self._tokens.verify(value, FILE_TYPE)
