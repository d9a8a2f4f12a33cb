"""Preferences as clients see them."""

from pydantic import StrictBool

from shared.schemas import Schema


class Preferences(Schema):
    """`receipts`: others see what I have read, and I see what they have read. Off, it is neither."""

    receipts: bool


class PreferencesChange(Schema):
    """What is left out stays as it is."""

    receipts: StrictBool | None = None
