"""The JWT wrapper: what it accepts, and that everything else is one error."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from jose import jws

from shared.settings import ServiceSettings
from shared.tokens import FILE_TYPE, InvalidToken, KeyRing, Tokens, WeakSecret, load_key_ring

SECRET = "f3K9-qWz7_Tn2LxV0sYbR8mJ4hDcPa6E"
OLD_SECRET = "B7uXe1-GkQ9zVw5RtY3mN8sLpA2dHc6J"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forge(header: dict[str, Any], claims: Any, secret: str = SECRET) -> str:
    signed = f"{part(header)}.{part(claims)}"
    mac = hmac.digest(secret.encode(), signed.encode(), hashlib.sha256)
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> Tokens:
    return Tokens(KeyRing([SECRET]), clock)


def good_header() -> dict[str, Any]:
    return {"alg": "HS256", "typ": "at+jwt", "kid": KeyRing([SECRET]).current.kid}


def good_claims() -> dict[str, Any]:
    seconds = int(NOW.timestamp())
    return {
        "iss": "communication",
        "aud": "communication",
        "sub": "7",
        "sid": str(uuid4()),
        "jti": "x",
        "iat": seconds,
        "exp": seconds + 60,
    }


def test_a_token_says_who_and_by_which_session(tokens: Tokens) -> None:
    session = uuid4()
    claims = tokens.verify(tokens.issue(7, session, 60))
    assert (claims.user_id, claims.session_id) == (7, session)


def test_the_library_reads_it_too(tokens: Tokens) -> None:
    token = tokens.issue(7, uuid4(), 60)
    assert jws.get_unverified_header(token) == good_header()
    assert json.loads(jws.verify(token, SECRET, ["HS256"])).keys() == good_claims().keys()


def test_the_forging_helper_makes_good_tokens(tokens: Tokens) -> None:
    assert tokens.verify(forge(good_header(), good_claims())).user_id == 7


def test_a_token_is_dead_in_its_last_second(tokens: Tokens, clock: Clock) -> None:
    token = tokens.issue(7, uuid4(), 60)
    clock.now = NOW + timedelta(seconds=59)
    tokens.verify(token)
    clock.now = NOW + timedelta(seconds=60)
    with pytest.raises(InvalidToken):
        tokens.verify(token)


def test_each_kind_opens_its_own_door(tokens: Tokens) -> None:
    with pytest.raises(InvalidToken):
        tokens.verify(tokens.issue(7, uuid4(), 60, FILE_TYPE))
    with pytest.raises(InvalidToken):
        tokens.verify(tokens.issue(7, uuid4(), 60), FILE_TYPE)


def test_a_secret_is_rolled_without_a_logout(clock: Clock) -> None:
    before = Tokens(KeyRing([OLD_SECRET]), clock)
    both = Tokens(KeyRing([SECRET, OLD_SECRET]), clock)
    after = Tokens(KeyRing([SECRET]), clock)
    old, new = before.issue(7, uuid4(), 60), both.issue(7, uuid4(), 60)
    both.verify(old)
    after.verify(new)
    with pytest.raises(InvalidToken):
        after.verify(old)


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "none"},
        {"alg": "HS384"},
        {"alg": ["HS256"]},
        {"typ": "JWT"},
        {"typ": None},
        {"kid": "../../dev/null"},
        {"kid": None},
        {"crit": ["exp"]},
        {"x": [[[[[]]]]]},
    ],
)
def test_headers_that_are_not_ours(tokens: Tokens, change: dict[str, Any]) -> None:
    header = {**good_header(), **change}
    if "x" in change:
        header["x"] = "y" * 600
    with pytest.raises(InvalidToken):
        tokens.verify(forge(header, good_claims()))


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "sid", "jti", "iat", "exp"])
def test_every_claim_is_needed(tokens: Tokens, name: str) -> None:
    claims = good_claims()
    del claims[name]
    with pytest.raises(InvalidToken):
        tokens.verify(forge(good_header(), claims))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("exp", "9999999999"),
        ("exp", None),
        ("exp", float("inf")),
        ("exp", [9999999999]),
        ("exp", True),
        ("iat", int(NOW.timestamp()) + 60),
        ("nbf", int(NOW.timestamp()) + 60),
        ("sub", 7),
        ("sub", "seven"),
        ("sub", "٧"),
        ("sid", "not-a-uuid"),
        ("aud", ["communication"]),
        ("iss", "somebody"),
    ],
)
def test_claims_of_the_wrong_kind(tokens: Tokens, name: str, value: Any) -> None:
    with pytest.raises(InvalidToken):
        tokens.verify(forge(good_header(), {**good_claims(), name: value}))


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b", "a.b.c.d.e", "é.é.é", "\ud800", "a" * 5000, "[" * 2700 + "..", "null.null.null"]
)
def test_garbage(tokens: Tokens, token: str) -> None:
    with pytest.raises(InvalidToken):
        tokens.verify(token)


def test_a_deeply_nested_header_is_refused_before_it_is_parsed(tokens: Tokens) -> None:
    nested = base64.urlsafe_b64encode(b"[" * 2000 + b"]" * 2000).decode().rstrip("=")
    with pytest.raises(InvalidToken):
        tokens.verify(f"{nested}.e30.x")


@pytest.mark.parametrize("claims", [[], "text", None, 7])
def test_claims_that_are_no_object(tokens: Tokens, claims: Any) -> None:
    with pytest.raises(InvalidToken):
        tokens.verify(forge(good_header(), claims))


@pytest.mark.parametrize(
    "secret", ["short", "x" * 40, "1" * 20 + "2345678901234567", "changeme-changeme-changeme-changeme", ""]
)
def test_weak_secrets_refuse_to_start(secret: str) -> None:
    with pytest.raises(WeakSecret):
        KeyRing([secret] if secret else [])


def test_the_secret_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    settings = ServiceSettings(data_dir=tmp_path / "data", jwt_secret=None, jwt_secret_file=None)
    first = load_key_ring(settings)
    assert load_key_ring(settings).current.kid == first.current.kid
    assert (tmp_path / "data" / "jwt_secret").stat().st_mode & 0o777 == 0o600
