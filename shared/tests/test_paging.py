"""Cursors come back as they went, or are refused."""

import pytest

from shared.errors import Invalid
from shared.paging import from_cursor, to_cursor


def test_a_cursor_comes_back() -> None:
    assert from_cursor(to_cursor("Їжак", 7), str, int) == ["Їжак", 7]


def test_no_cursor_is_no_position() -> None:
    assert from_cursor(None, int) is None


@pytest.mark.parametrize(
    "cursor", ["", "x", "é", "%00", "W10", to_cursor("7"), to_cursor(7, 7), to_cursor(2**60), "W1tb" * 200, "W" * 2000]
)
def test_what_we_did_not_make_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        from_cursor(cursor, int)
