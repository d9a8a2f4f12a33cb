"""Building blocks of every request and answer."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

MAX_ID = 2**53 - 1  # what a JavaScript number holds exactly


def _no_nul(text: str) -> str:
    # PostgreSQL cannot store U+0000. Lone surrogates never get here: pydantic refuses them itself.
    if "\x00" in text:
        raise PydanticCustomError("text_nul", "Text must not contain the character U+0000")
    return text


Text = Annotated[str, AfterValidator(_no_nul)]
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
StrictId = Annotated[int, Field(ge=1, le=MAX_ID, strict=True)]


class Schema(BaseModel):
    """A JSON object. Unknown keys in a request are ignored (CONTRACT: clients may be newer than we are)."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")


class User(Schema):
    """A person as others see them. Both names are null once the account is deleted."""

    id: int
    username: str | None
    display_name: str | None
    created_at: datetime
