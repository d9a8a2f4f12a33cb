"""When two names are the same, and which names may be."""

import unicodedata

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from pydantic_core import PydanticCustomError

from shared.text import folded

MIN_USERNAME, MAX_USERNAME = 3, 50
MAX_DISPLAY_NAME = 80
MAX_TYPED = 1_000
"""Characters. No name or address has as many, however it is composed; what has more is not normalized, which would take
the square of their number."""
USERNAME_MARKS = frozenset("_.-")
# Addresses inside a private network (.local, .internal) are as good as any for a self-hosted messenger.
SPECIAL_USE_DOMAIN_NAMES.clear()

FORBIDDEN_IN_NAMES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def name_key(text: str) -> str:
    """What makes two names, or two e-mail addresses, the same: NFKC and casefold."""
    return folded(text[:MAX_TYPED])


def clean_username(text: str) -> str:
    """The name as it is shown (NFC), or a validation error."""
    name = _composed(text)
    if not MIN_USERNAME <= len(name) <= MAX_USERNAME:
        raise PydanticCustomError("username_length", "A username has 3 to 50 characters")
    if not all(mark in USERNAME_MARKS or _is_letter_or_digit(mark) for mark in name):
        raise PydanticCustomError("username_characters", "A username has letters, digits, _ . and - only")
    return name


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text) if len(text) <= MAX_TYPED else text


def _is_letter_or_digit(character: str) -> bool:
    category = unicodedata.category(character)
    return category.startswith("L") or category == "Nd"


def clean_display_name(text: str) -> str:
    """The name as it is shown, or a validation error."""
    name = _composed(text).strip()
    if not 1 <= len(name) <= MAX_DISPLAY_NAME:
        raise PydanticCustomError("display_name_length", "A name has 1 to 80 characters")
    if any(unicodedata.category(mark) in FORBIDDEN_IN_NAMES for mark in name):
        raise PydanticCustomError("display_name_characters", "A name has no control or format characters")
    return name


def clean_email(text: str) -> str:
    """The address in its normal form, or a validation error. Nothing is sent and no DNS is asked."""
    try:
        if len(text) > MAX_TYPED:
            raise EmailNotValidError
        result = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise PydanticCustomError("email", "This is not an e-mail address") from error
    return result.normalized


def search_keys(username: str, display_name: str) -> dict[str, str]:
    """The columns that people search and its order use."""
    return {
        "sort_key": name_key(display_name),
        "search_text": f"{name_key(username)} {name_key(display_name)}",
    }
