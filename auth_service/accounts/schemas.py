"""What the account endpoints take and say."""

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from auth_service.names import clean_display_name, clean_email, clean_username
from auth_service.passwords import MAX_BYTES, MIN_CHARACTERS
from shared.schemas import Schema, Text, User


def _bounded_password(password: str) -> str:
    if len(password.encode()) > MAX_BYTES:
        raise PydanticCustomError("password_too_long", "A password has at most 1,024 bytes")
    return password


def _new_password(password: str) -> str:
    if len(password) < MIN_CHARACTERS:
        raise PydanticCustomError("password_too_short", "A password has at least 8 characters")
    return _bounded_password(password)


Username = Annotated[Text, AfterValidator(clean_username)]
DisplayName = Annotated[Text, AfterValidator(clean_display_name)]
Email = Annotated[Text, AfterValidator(clean_email)]
NewPassword = Annotated[str, AfterValidator(_new_password)]
"""Any characters at all, U+0000 too: it is hashed, never stored."""
GivenPassword = Annotated[str, AfterValidator(_bounded_password)]


class Registration(Schema):
    """A new account."""

    username: Username
    email: Email
    password: NewPassword
    display_name: DisplayName | None = None


class ProfileChange(Schema):
    """What is left out stays."""

    display_name: DisplayName | None = None


class PasswordChange(Schema):
    """The present password proves that it is the owner who asks."""

    current_password: GivenPassword
    new_password: NewPassword


class AccountDeletion(Schema):
    """The present password proves that it is the owner who asks."""

    password: GivenPassword


class Me(User):
    """My own account; the only place where an e-mail address is shown."""

    username: str
    display_name: str
    email: str
