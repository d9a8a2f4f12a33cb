"""Tokens that are malformed, forged or meant for something else: one answer to all of them, everywhere."""

import time
from uuid import uuid4

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.api.calls import bearer, oauth_problem, ok, problem, refresh, sign_in, socket
from tests.api.conftest import Server
from tests.api.forgery import Forger, forged_tokens, secret_of
from tests.api.frames import ask, assert_error, is_alive, refusal_if_any
from tests.stack.people import Person

CHALLENGE = 'Bearer error="invalid_token"'
PATHS = ("/api/users/me", "/api/conversations")


@pytest.fixture(scope="module")
def forger(server: Server, ann: Person) -> Forger:
    return Forger(secret_of(server), ann.token)


def is_text_of_a_header(token: str) -> bool:
    return token.isascii() and token.isprintable()


def body_of(answer: httpx2.Response) -> dict[str, object]:
    found = problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == CHALLENGE
    assert answer.headers["Cache-Control"] == "private, no-store"
    return {key: value for key, value in found.items() if key != "request_id"}


def test_the_forger_can_make_a_good_token(forger: Forger, visitor: httpx2.Client) -> None:
    for token in (forger.token(), forger.token(claims={"jti": "another"}), forger.token(claims={"more": 1})):
        for path in PATHS:
            ok(visitor.get(path, headers=bearer(token)))


def test_every_bad_token_has_the_same_answer_in_both_services(forger: Forger, visitor: httpx2.Client) -> None:
    tokens = forged_tokens(forger)
    assert len(tokens) >= 60
    expected = body_of(visitor.get(PATHS[0], headers=bearer("x")))
    wrong: dict[str, object] = {}
    for name, token in tokens.items():
        for path in PATHS:
            try:
                answer = visitor.get(path, headers=bearer(token))
            except httpx2.TransportError as error:
                wrong[f"{name} at {path}"] = repr(error)
                continue
            if answer.status_code == 401 and body_of(answer) == expected:
                continue
            # a gateway may refuse a header of 16 KB before a service sees it
            if len(token) > 8_000 and answer.status_code in (400, 431):
                continue
            wrong[f"{name} at {path}"] = answer.status_code
    assert wrong == {}


def test_every_bad_token_is_refused_by_the_socket_too(forger: Forger, ws_urls: list[str]) -> None:
    wrong = {}
    for name, token in forged_tokens(forger).items():
        if len(token) > 8_000:
            continue
        given = [Subprotocol("chat.v1"), Subprotocol(f"bearer.{token}")]
        ways = [{"additional_headers": bearer(token)}] + ([{"subprotocols": given}] if "=" not in token else [])
        for way in ways[:2]:
            response = refusal_if_any(ws_urls[0], **way)
            if response is None or response.status_code != 401 or response.headers["WWW-Authenticate"] != CHALLENGE:
                wrong[name] = response and response.status_code
    assert wrong == {}


def test_every_bad_token_leaves_an_open_socket_open(forger: Forger, ann: Person, ws_urls: list[str]) -> None:
    with socket(ws_urls[0], ann.token) as opened:
        for name, token in forged_tokens(forger).items():
            try:
                answer = ask(opened, "auth", token=token)
            except ConnectionClosed as closed:
                pytest.fail(f"{name} closed the socket: {closed}")
            assert answer["type"] == "error", name
            assert_error(answer)
        assert is_alive(opened)


def test_bad_tokens_are_refused_quickly(forger: Forger, visitor: httpx2.Client) -> None:
    began = time.monotonic()
    for name in ("nested 2.7 KB header", "nested claims", "huge integer", "HS512"):
        for _ in range(5):
            visitor.get(PATHS[1], headers=bearer(forged_tokens(forger)[name]))
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "raw",
    [
        b"Bearer \xd1\x97\xd0\xb6\xd0\xb0\xd0\xba",
        b"Bearer \xff\xfe",
        b"Bearer a\xa0b",
        b"\xd1\x97",
        b"Bearer",
        b"Bearer a b c",
    ],
)
def test_a_header_that_is_no_text_is_401(visitor: httpx2.Client, raw: bytes) -> None:
    for path in PATHS:
        body_of(visitor.get(path, headers=[(b"Authorization", raw)]))


def test_no_other_secret_of_the_product_is_an_access_token(ann: Person, visitor: httpx2.Client) -> None:
    tokens = sign_in(visitor, ann)
    ok(visitor.post("/api/files/access", headers=bearer(tokens["access_token"])), 204)
    file_cookie = visitor.cookies["file_access"]
    visitor.cookies.clear()
    for path in PATHS:
        for token in (tokens["refresh_token"], file_cookie):
            body_of(visitor.get(path, headers=bearer(token)))
    oauth_problem(refresh(visitor, file_cookie), 400, "invalid_grant")
    problem(
        visitor.post(
            "/api/auth/refresh", headers={"X-Requested-With": "fetch", "Cookie": f"refresh_token={file_cookie}"}
        ),
        400,
    )


def test_a_session_that_never_was_is_refused_or_opens_nothing_of_others(
    forger: Forger, ann: Person, bob: Person, visitor: httpx2.Client
) -> None:
    forged = forger.token(claims={"sub": "999999999", "sid": str(uuid4())})
    for path in ("/api/users/me", "/api/auth/sessions", f"/api/messages/{bob.id}", "/api/blocks"):
        answer = visitor.get(path, headers=bearer(forged))
        assert answer.status_code in (200, 401, 404)
        if answer.status_code == 200:
            assert answer.json() in ([], {"items": [], "has_more_before": False, "has_more_after": False})


def test_bad_tokens_do_not_end_the_session_they_name(forger: Forger, ann: Person, visitor: httpx2.Client) -> None:
    for token in forged_tokens(forger).values():
        if len(token) < 4_000:
            assert visitor.post("/api/auth/revoke", data={"token": token}).status_code == 200
            break
    unsigned = f"{forger.header_part}.{forger.claims_part}.{'A' * 43}"
    ok(visitor.post("/api/auth/revoke", data={"token": unsigned}))
    ok(visitor.post("/api/auth/logout", headers=bearer(unsigned)), 204)
    ok(ann.client.get("/api/users/me"))
    ok(ann.client.get("/api/conversations"))
