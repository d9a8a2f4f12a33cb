"""Opaque cursors: where a page ended, in a form that clients only pass back."""

import base64
import binascii
import json
from typing import Any

from shared.errors import Invalid
from shared.schemas import MAX_ID, is_storable

MAX_CURSOR_LENGTH = 1024


def to_cursor(*position: str | int) -> str:
    """A cursor for this position."""
    return base64.urlsafe_b64encode(json.dumps(position, ensure_ascii=False).encode()).decode().rstrip("=")


def from_cursor(cursor: str | None, *types: type) -> list[Any] | None:
    """The position of a cursor that `to_cursor` made with these types, None for none, else `Invalid`."""
    if cursor is None:
        return None
    try:
        if len(cursor) > MAX_CURSOR_LENGTH:
            raise ValueError
        position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _invalid() from error
    if not isinstance(position, list) or [type(part) for part in position] != list(types):
        raise _invalid()
    if not all(is_storable(part) if isinstance(part, str) else abs(part) <= MAX_ID for part in position):
        raise _invalid()
    return position


def _invalid() -> Invalid:
    return Invalid(
        "The cursor is not one of ours.", [{"loc": ["query", "cursor"], "msg": "Unknown cursor", "type": "cursor"}]
    )
