"""Folding in pieces gives what folding at once gives, except where nobody writes so."""

import re
import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from shared.text import BOUNDARY, PIECE, PIECES, folded

EVERY = [chr(number) for number in range(sys.maxunicode + 1) if not 0xD800 <= number < 0xE000]
HANGUL_PARTS = [*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]  # which are composed by rule, and are in no table


def at_once(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def test_a_boundary_is_a_character_that_nothing_before_it_changes() -> None:
    pairs = (unicodedata.decomposition(each).split() for each in EVERY)
    composed = {chr(int(pair[1], 16)) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<")}
    composed |= set(map(chr, HANGUL_PARTS))
    boundaries = [each for each in EVERY if re.match(BOUNDARY, each)]
    assert len(boundaries) > 100_000
    for each in boundaries:
        first = at_once(each)[:1]
        assert not first or (unicodedata.combining(first) == 0 and first not in composed), f"U+{ord(each):04X}"


LETTERS = st.text(st.characters(categories=["L", "M", "N", "P", "S", "Z"]), max_size=40)


@given(st.lists(LETTERS, max_size=40))
def test_long_texts_are_folded_as_short_ones_are(parts: list[str]) -> None:
    text = " ".join(parts)
    assert folded(text) == at_once(text)


@given(st.text(st.sampled_from("\u0300\u0316\u1161\uff9eß"), min_size=PIECE + 1, max_size=8 * PIECE))
def test_no_piece_is_long_whatever_comes(text: str) -> None:
    pieces = PIECES.findall(text)
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= PIECE
    assert folded(text) == "".join(map(at_once, pieces))
