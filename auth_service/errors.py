"""Errors of auth_service."""

from typing import Any

from shared.errors import Forbidden, Problem


class BadRequest(Problem):
    """The one family of 400s: names that are taken, and what OAuth 2 wants as 400."""

    status = 400
    code = "bad_request"


class UsernameTaken(BadRequest):
    """Somebody has or had this name."""

    code = "username_taken"
    detail = "That username is taken."


class EmailTaken(BadRequest):
    """Somebody registered with this address."""

    code = "email_taken"
    detail = "That e-mail address is already registered."


class WrongPassword(Forbidden):
    """The present password is needed to do this, and this was not it."""

    code = "wrong_password"
    detail = "That is not your password."


class BadOrigin(Forbidden):
    """A cookie counts only in a request that our own page made."""

    code = "bad_origin"
    detail = "This request did not come from this site."


class OAuthError(BadRequest):
    """An error of the token endpoint: RFC 6749 §5.2 members beside the problem's own."""

    error: str = "invalid_request"

    def body(self) -> dict[str, Any]:
        return {**super().body(), "error": self.error, "error_description": self.detail}


class InvalidRequest(OAuthError):
    """A field is missing, doubled or unreadable."""

    code = "invalid_request"
    detail = "The request lacks a field or has one twice."


class InvalidGrant(OAuthError):
    """A wrong login or a dead token; it never says which."""

    code = "invalid_grant"
    error = "invalid_grant"
    detail = "The name, password or token is not valid."


class TokenReuse(InvalidGrant):
    """A refresh token came again after its successor was used: somebody else has a copy."""

    code = "token_reuse"
    detail = "This session was ended because its token was used twice."


class UnsupportedGrantType(OAuthError):
    """Only `password` and `refresh_token`."""

    code = "unsupported_grant_type"
    error = "unsupported_grant_type"
    detail = "The grant type must be password or refresh_token."


class OAuthWrapped(OAuthError):
    """Any other problem of the token endpoint, with the members that OAuth clients look for."""

    def __init__(self, cause: Problem) -> None:
        super().__init__(cause.detail, retry_after=cause.retry_after)
        self._cause = cause
        self.status = cause.status
        self.code = cause.code

    def body(self) -> dict[str, Any]:
        return {**self._cause.body(), "error": self.error, "error_description": self.detail}
