"""The OAuth 2 endpoints: what they take, what they say, and how a session ends by them."""

import base64
import json
import re
from typing import Any

import httpx2
import pytest

from tests.api.calls import bearer, is_over, oauth_problem, ok, problem, refresh, sign_in
from tests.stack.people import Person

FORM = "application/x-www-form-urlencoded"
PAIR_KEYS = {"access_token", "token_type", "expires_in", "refresh_token", "session_expires_at"}
PASSWORD = "grant_type=password&username=x&password=y"


def post(
    client: httpx2.Client, body: str | bytes, path: str = "/api/auth/token", kind: str | None = FORM
) -> httpx2.Response:
    return client.post(path, content=body, headers={"Content-Type": kind} if kind else {})


def part(token: str, index: int) -> dict[str, Any]:
    text = token.split(".")[index]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return decoded


def test_a_login_brings_a_pair_of_tokens_that_nobody_stores(ann: Person, visitor: httpx2.Client) -> None:
    answer = visitor.post("/api/auth/token", data=ann.login)

    assert ok(answer).keys() == PAIR_KEYS
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("bearer", 600)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", answer.json()["session_expires_at"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_an_access_token_is_a_jwt_of_rfc_9068(ann: Person, visitor: httpx2.Client) -> None:
    tokens = sign_in(visitor, ann)
    header, claims = part(tokens["access_token"], 0), part(tokens["access_token"], 1)

    assert (header["typ"], header["alg"]) == ("at+jwt", "HS256")
    assert header["kid"]
    assert claims.keys() == {"iss", "aud", "sub", "sid", "jti", "iat", "exp"}
    assert claims["sub"] == str(ann.id)
    assert claims["exp"] - claims["iat"] == 600


def test_a_refresh_token_is_opaque_and_long(ann: Person, visitor: httpx2.Client) -> None:
    first, second = (sign_in(visitor, ann)["refresh_token"] for _ in range(2))

    assert first != second
    assert "." not in first
    assert len(first) >= 22  # 128 bits in base64url


@pytest.mark.parametrize(
    "body",
    [
        "",
        "username=x&password=y",
        "grant_type=&username=x&password=y",
        "grant_type=password&username=x",
        "grant_type=password&password=y",
        "grant_type=password&username=&password=y",
        "grant_type=password&username=x&password=",
        "grant_type=refresh_token",
        "grant_type=refresh_token&refresh_token=",
        f"{PASSWORD}&password=y",
        f"{PASSWORD}&username=other",
        f"{PASSWORD}&grant_type=password",
        "grant_type=refresh_token&refresh_token=a&refresh_token=b",
        "grant_type=password&username=a%00b&password=y",
        "grant_type=refresh_token&refresh_token=a%00b",
        "grant_type=pass%00word&username=x&password=y",
        "grant_type=password&username=a%ed%a0%80b&password=y",
        "&&&&==&;;",
    ],
)
def test_a_missing_doubled_or_unreadable_field_is_invalid_request(visitor: httpx2.Client, body: str) -> None:
    oauth_problem(post(visitor, body), 400, "invalid_request", "invalid_request")


@pytest.mark.parametrize("grant", ["client_credentials", "authorization_code", "PASSWORD", "password ", "x" * 500])
def test_another_grant_is_unsupported(visitor: httpx2.Client, grant: str) -> None:
    form = {"grant_type": grant, "username": "x", "password": "y"}
    answer = visitor.post("/api/auth/token", data=form)
    oauth_problem(answer, 400, "unsupported_grant_type", "unsupported_grant_type")


@pytest.mark.parametrize("path", ["/api/auth/token", "/api/auth/login", "/api/auth/revoke"])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", '{"grant_type":"password","username":"x","password":"y"}'),
        ("text/plain", PASSWORD),
        (None, PASSWORD),
        ("application/octet-stream", PASSWORD),
        ("application/x-www-form-urlencodedx", PASSWORD),
    ],
)
def test_what_is_not_a_form_is_415(visitor: httpx2.Client, path: str, kind: str | None, body: str) -> None:
    oauth_problem(post(visitor, body, path, kind), 415, "invalid_request")


@pytest.mark.parametrize("path", ["/api/auth/token", "/api/auth/login"])
def test_a_wrong_name_and_a_wrong_password_look_the_same(ann: Person, visitor: httpx2.Client, path: str) -> None:
    logins = [
        (ann.name, "wrong password"),
        ("no-such-person", ann.password),
        ("", " "),
        (ann.name, "nul\x00"),
        (ann.name, "x" * 5000),
    ]
    bodies = []
    for username, password in logins:
        form = {"grant_type": "password", "username": username or "x@y.z", "password": password}
        found = oauth_problem(visitor.post(path, data=form), 400, "invalid_grant", "invalid_grant")
        bodies.append({key: value for key, value in found.items() if key != "request_id"})
    assert all(body == bodies[0] for body in bodies)


@pytest.mark.parametrize(
    "token", ["x", "a.b.c", "A" * 86, "їжак", "A" * 5_000, "../../etc/passwd", "' OR 1=1", "null", "-_-_" * 20]
)
def test_a_made_up_refresh_token_is_invalid_grant(visitor: httpx2.Client, token: str) -> None:
    oauth_problem(refresh(visitor, token), 400, "invalid_grant", "invalid_grant")


def test_a_changed_refresh_token_is_invalid_grant_and_ends_nothing(ann: Person, visitor: httpx2.Client) -> None:
    tokens = sign_in(visitor, ann)
    good = tokens["refresh_token"]
    for position in range(0, len(good), 5):
        other = "A" if good[position] != "A" else "B"
        changed = good[:position] + other + good[position + 1 :]
        oauth_problem(refresh(visitor, changed), 400, "invalid_grant")
    ok(visitor.get("/api/users/me", headers=bearer(tokens["access_token"])))
    ok(refresh(visitor, good))


def test_an_access_token_refreshes_nothing(ann: Person, visitor: httpx2.Client) -> None:
    oauth_problem(refresh(visitor, sign_in(visitor, ann)["access_token"]), 400, "invalid_grant", "invalid_grant")


def test_too_large_a_form_is_413_with_the_oauth_members(visitor: httpx2.Client) -> None:
    oauth_problem(post(visitor, f"{PASSWORD}&scope={'x' * 900_000}"), 413, "invalid_request")


def test_many_fields_are_refused(visitor: httpx2.Client) -> None:
    assert post(visitor, "&".join(f"f{number}=1" for number in range(9_000))).status_code in (400, 413)


def test_oauth_clients_may_send_more_than_we_need(ann: Person, visitor: httpx2.Client) -> None:
    more = {"scope": "", "client_id": "swagger", "client_secret": "x"}
    ok(visitor.post("/api/auth/token", data=ann.login | more))
    ok(visitor.post("/api/auth/token", data=ann.login, headers={"Authorization": "Basic eDp5"}))
    ok(visitor.post("/api/auth/token", data=ann.login, headers=bearer("a.dead.token")))


@pytest.mark.parametrize("path", ["token", "login", "refresh", "logout", "revoke", "register"])
def test_nothing_happens_by_get(visitor: httpx2.Client, path: str) -> None:
    answer = visitor.get(f"/api/auth/{path}")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "refresh_token"}, {"token_type_hint": "nonsense"}])
def test_revoking_a_token_ends_its_session(
    ann: Person, visitor: httpx2.Client, chat_urls: list[str], kind: str, hint: dict[str, str]
) -> None:
    tokens = sign_in(visitor, ann)

    for _ in range(2):
        ok(visitor.post("/api/auth/revoke", data={"token": tokens[kind]} | hint))

    assert is_over(chat_urls, tokens["access_token"])
    oauth_problem(refresh(visitor, tokens["refresh_token"]), 400, "invalid_grant")
    ok(ann.client.get("/api/conversations"))


@pytest.mark.parametrize("token", ["unknown", "a.b.c", "x" * 10_000, "ї\x01", "a\x00b"])
def test_revoking_what_is_no_token_is_200(visitor: httpx2.Client, token: str) -> None:
    ok(visitor.post("/api/auth/revoke", data={"token": token}))


@pytest.mark.parametrize("body", ["", "token=", "token=a&token=b", "token_type_hint=x"])
def test_revoking_without_one_token_is_invalid_request(visitor: httpx2.Client, body: str) -> None:
    oauth_problem(post(visitor, body, "/api/auth/revoke"), 400, "invalid_request")


def test_logout_ends_the_session_of_the_access_token(ann: Person, visitor: httpx2.Client, chat_urls: list[str]) -> None:
    tokens = sign_in(visitor, ann)
    ok(visitor.post("/api/auth/logout", headers=bearer(tokens["access_token"])), 204)

    assert is_over(chat_urls, tokens["access_token"])
    oauth_problem(refresh(visitor, tokens["refresh_token"]), 400, "invalid_grant")
    ok(visitor.post("/api/auth/logout", headers=bearer(tokens["access_token"])), 204)


def test_logout_ends_the_session_of_a_refresh_token(ann: Person, visitor: httpx2.Client, chat_urls: list[str]) -> None:
    tokens = sign_in(visitor, ann)
    for _ in range(2):
        ok(visitor.post("/api/auth/logout", data={"refresh_token": tokens["refresh_token"]}), 204)
    assert is_over(chat_urls, tokens["access_token"])


@pytest.mark.parametrize("token", ["x", "a.b.c", "A" * 5_000, "null", "x y"])
def test_logout_never_refuses_a_bad_credential(visitor: httpx2.Client, token: str) -> None:
    ok(visitor.post("/api/auth/logout"), 204)
    ok(visitor.post("/api/auth/logout", headers={"Authorization": f"Bearer {token}"}), 204)
    ok(visitor.post("/api/auth/logout", data={"refresh_token": token}), 204)
    ok(visitor.post("/api/auth/logout", headers={"Cookie": f"refresh_token={token}", "X-Requested-With": "fetch"}), 204)
