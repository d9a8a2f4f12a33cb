"""Building blocks of every request and answer."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

MAX_ID = 2**53 - 1  # what a JavaScript number holds exactly


def is_storable(text: str) -> bool:
    """Whether a database and a JSON answer can hold this text: no U+0000, no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def _storable(text: str) -> str:
    if not is_storable(text):
        raise PydanticCustomError("text", "Text must not contain U+0000 or lone surrogates")
    return text


def _plain_digits(value: object) -> object:
    # pydantic reads "1.0", " 1" and "1\n" as 1; an address has one spelling.
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise PydanticCustomError("digits", "This must be a whole number in digits")
    return value


STORABLE = AfterValidator(_storable)
"""After a limit to the length, which is then pydantic's own and not a function in Python."""
Text = Annotated[str, STORABLE]
StrictId = Annotated[int, Field(ge=1, le=MAX_ID, strict=True)]
"""An id in JSON: a number, not its text."""
Digits = BeforeValidator(_plain_digits)
"""For whole numbers in paths and queries."""
PathId = Annotated[int, Digits, Field(ge=1, le=MAX_ID)]


class Schema(BaseModel):
    """A JSON object. Unknown keys in a request are ignored (CONTRACT: clients may be newer than we are)."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")


class User(Schema):
    """A person as others see them. Both names are null once the account is deleted."""

    id: int
    username: str | None
    display_name: str | None
    created_at: datetime
