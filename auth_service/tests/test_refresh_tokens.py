"""The rule table of rotation, row by row."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from auth_service.sessions.refresh_tokens import Held, Presented, judge, make, new_nonce, parse
from shared.tokens import KeyRing

RING = KeyRing(["f3K9-qWz7_Tn2LxV0sYbR8mJ4hDcPa6E"])
OTHER_RING = KeyRing(["B7uXe1-GkQ9zVw5RtY3mN8sLpA2dHc6J"])
NOW = datetime(2026, 1, 1, tzinfo=UTC)
GRACE = timedelta(seconds=10)
CURRENT, PREVIOUS, OLDER = b"c" * 32, b"p" * 32, b"o" * 32
HELD = Held(CURRENT, PREVIOUS, issued_at=NOW)


@pytest.mark.parametrize(
    ("presented", "after", "verdict"),
    [
        (CURRENT, 0, Presented.CURRENT),
        (CURRENT, 1_000_000, Presented.CURRENT),
        (PREVIOUS, 0, Presented.RETRIED),
        (PREVIOUS, 10, Presented.RETRIED),
        (PREVIOUS, 10.001, Presented.ANSWER_LOST),
        (PREVIOUS, 1_000_000, Presented.ANSWER_LOST),
        (OLDER, 0, Presented.REUSED),
        (OLDER, 1_000_000, Presented.REUSED),
    ],
)
def test_what_a_presented_token_means(presented: bytes, after: float, verdict: Presented) -> None:
    assert judge(presented, HELD, NOW + timedelta(seconds=after), GRACE) is verdict


def test_a_first_token_has_no_predecessor() -> None:
    assert judge(PREVIOUS, Held(CURRENT, None, NOW), NOW, GRACE) is Presented.REUSED


def test_the_same_successor_can_be_made_again() -> None:
    session, nonce = uuid4(), new_nonce()
    first = make(RING, RING.current.kid, session, 3, nonce)
    assert make(RING, RING.current.kid, session, 3, nonce).text == first.text
    assert make(RING, RING.current.kid, session, 4, nonce).text != first.text
    assert make(RING, RING.current.kid, session, 3, new_nonce()).text != first.text


def test_a_token_comes_back_as_it_went() -> None:
    token = make(RING, RING.current.kid, uuid4(), 0, new_nonce())
    found = parse(token.text)
    assert found == token
    assert found is not None
    assert found.is_genuine(RING)
    assert not found.is_genuine(OTHER_RING)


def test_a_token_has_one_spelling() -> None:
    text = make(RING, RING.current.kid, uuid4(), 0, new_nonce()).text
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    accepted = [last for last in alphabet if (found := parse(text[:-1] + last)) and found.is_genuine(RING)]
    assert accepted == [text[-1]]
    assert parse(text + "=") is None


def test_knowing_a_session_is_not_enough_to_forge_its_token() -> None:
    token = make(RING, RING.current.kid, uuid4(), 0, new_nonce())
    forged = parse(make(OTHER_RING, OTHER_RING.current.kid, token.session_id, 0, new_nonce()).text)
    assert forged is not None
    assert not forged.is_genuine(RING)


@pytest.mark.parametrize("text", ["", "x", "é", "A" * 110, "A" * 112, "A" * 500, "=" * 112, "a.b.c"])
def test_what_has_not_the_form_of_a_token(text: str) -> None:
    token = parse(text)
    assert token is None or not token.is_genuine(RING)
