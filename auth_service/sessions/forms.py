"""The OAuth 2 token form (RFC 6749 §4.3 and §6): FastAPI's own form class, read once and without its parameters.

Signing in and refreshing are what this service does all day; solving a form's parameters takes longer than the rest.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.security import OAuth2PasswordRequestForm

from auth_service.errors import InvalidRequest, UnsupportedGrantType
from shared.errors import UnsupportedMediaType
from shared.routing import MULTIPART, media_type
from shared.schemas import is_storable

FORM_TYPES = ("application/x-www-form-urlencoded", MULTIPART)
MAX_FIELDS = 100
REPLACED = "\ufffd"  # what the form parser puts where bytes are not UTF-8
TEXT = {"type": "string"}
SECRET = {"type": "string", "format": "password"}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "grant_type": {**TEXT, "description": "`password` or `refresh_token`"},
    "username": {**TEXT, "description": "A username or e-mail address"},
    "password": SECRET,
    "refresh_token": TEXT,
    "scope": TEXT,
    "client_id": TEXT,
    "client_secret": SECRET,
}
Pairs = list[tuple[str, Any]]
TOKEN_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {FORM_TYPES[0]: {"schema": {"type": "object", "properties": FIELDS, "required": ["grant_type"]}}},
    }
}
"""What the documentation of a route says that reads this form by itself."""


class TokenForm(OAuth2PasswordRequestForm):
    """FastAPI's form, for both grants; what is missing is found out here, because OAuth wants it as a 400."""

    def __init__(
        self,
        *,
        grant_type: str = "",
        username: str = "",
        password: str = "",
        refresh_token: str = "",
        scope: str = "",
        client_id: str | None = None,
        client_secret: str | None = None,
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


async def read_pairs(request: Request) -> Pairs:
    """The fields of a form in either of its types, each as often as it is there; nothing of anything else."""
    if media_type(request) != FORM_TYPES[0]:
        return (await request.form()).multi_items()
    # As Starlette reads it, by a parser that runs through less code.
    text = (await request.body()).decode("latin-1")
    try:
        return list(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError as error:
        raise InvalidRequest("There are too many fields.") from error


def token_form(request: Request, pairs: Pairs) -> TokenForm:
    """The form of a login or refresh."""
    fields = {name: value for name, value in _unique(request, pairs).items() if name in FIELDS}
    if not all(isinstance(value, str) for value in fields.values()):
        raise InvalidRequest("A field is a file.")
    return TokenForm(**fields)


async def require_form(request: Request) -> None:
    """Refuse what is not a form, and a field that comes twice."""
    _unique(request, (await request.form()).multi_items())


def _unique(request: Request, pairs: Pairs) -> dict[str, Any]:
    """The fields of what is a form and has each once (RFC 6749 §3.2)."""
    if media_type(request) not in FORM_TYPES:
        raise UnsupportedMediaType("This place reads an HTML form.")
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise InvalidRequest("A field is there twice.")
    return fields
