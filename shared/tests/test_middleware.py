"""Who is asking, and from where."""

import pytest
from starlette.datastructures import Headers

from shared.middleware import bearer_token, is_same_origin


@pytest.mark.parametrize(
    ("given", "token"),
    [
        ({}, None),
        ({"authorization": "Bearer abc"}, "abc"),
        ({"authorization": "bearer abc"}, "abc"),
        ({"authorization": "Basic abc"}, ""),
        ({"authorization": "Bearer"}, ""),
        ({"sec-websocket-protocol": "chat.v1, bearer.abc"}, None),
    ],
)
def test_the_token_of_a_request(given: dict[str, str], token: str | None) -> None:
    assert bearer_token(Headers(given)) == token


def test_two_authorization_headers_are_none() -> None:
    headers = Headers(raw=[(b"authorization", b"Bearer a"), (b"authorization", b"Bearer b")])
    assert bearer_token(headers) == ""


def test_a_browser_brings_a_socket_token_as_a_subprotocol() -> None:
    assert bearer_token(Headers({"sec-websocket-protocol": "chat.v1, bearer.abc"}), is_socket=True) == "abc"


@pytest.mark.parametrize(
    ("origin", "is_fine"),
    [
        (None, True),
        ("http://chat.home:8080", True),
        ("https://CHAT.home:8080", True),
        ("https://friend.example", True),
        ("null", False),
        ("http://chat.home", False),
        ("http://chat.home:8080.evil.example", False),
        ("http://evilchat.home:8080", False),
        ("ftp://chat.home:8080", False),
        ("http://chat.home:8080@evil.example", False),
        ("", False),
    ],
)
def test_origins(origin: str | None, is_fine: bool) -> None:
    headers = Headers({"host": "chat.home:8080"} | ({} if origin is None else {"origin": origin}))
    assert is_same_origin(headers, {"https://friend.example"}) is is_fine
