"""The OAuth 2 token form (RFC 6749 §4.3 and §6), read by FastAPI's own form class."""

from typing import Annotated

from fastapi import Form, Request
from fastapi.security import OAuth2PasswordRequestForm

from auth_service.errors import InvalidRequest, UnsupportedGrantType
from shared.errors import UnsupportedMediaType
from shared.routing import MULTIPART, media_type
from shared.schemas import is_storable

FORM_TYPES = ("application/x-www-form-urlencoded", MULTIPART)
REPLACED = "\ufffd"  # what the form parser puts where bytes are not UTF-8


class TokenForm(OAuth2PasswordRequestForm):
    """FastAPI's form, for both grants; what is missing is found out here, because OAuth wants it as a 400."""

    def __init__(
        self,
        *,
        grant_type: Annotated[str, Form(description="`password` or `refresh_token`")] = "",
        username: Annotated[str, Form(description="A username or e-mail address")] = "",
        password: Annotated[str, Form(json_schema_extra={"format": "password"})] = "",
        refresh_token: Annotated[str, Form()] = "",
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[str | None, Form()] = None,
        client_secret: Annotated[str | None, Form(json_schema_extra={"format": "password"})] = None,
    ) -> None:
        super().__init__(
            grant_type=grant_type,
            username=username,
            password=password,
            scope=scope,
            client_id=client_id,
            client_secret=client_secret,
        )
        self.refresh_token = refresh_token

    def require(self, *names: str) -> None:
        """Refuse the form unless it has all of these fields, in text that can be stored."""
        for name in names:
            value: str = getattr(self, name)
            if not value:
                raise InvalidRequest(f"The field {name} is missing.")
            if name != "password" and (not is_storable(value) or REPLACED in value):
                raise InvalidRequest(f"The field {name} has a character that is not text.")

    def require_grant(self, *supported: str) -> None:
        """Refuse other grants than these."""
        self.require("grant_type")
        if self.grant_type not in supported:
            raise UnsupportedGrantType


async def require_form(request: Request) -> None:
    """Refuse what is not a form, and a field that comes twice (RFC 6749 §3.2)."""
    if media_type(request) not in FORM_TYPES:
        raise UnsupportedMediaType("This place reads an HTML form.")
    fields = [name for name, _ in (await request.form()).multi_items()]
    if len(fields) != len(set(fields)):
        raise InvalidRequest("A field is there twice.")
