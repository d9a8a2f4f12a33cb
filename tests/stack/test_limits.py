"""Brute force: limits are on by default, shared by processes, and lock nobody out who is signed in."""

import itertools
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest

from tests.harness.servers import PythonService, Stack

PASSWORD = secrets.token_urlsafe(16)
At = Callable[[str], httpx2.Client]


@pytest.fixture(scope="module")
def limited() -> Iterator[Stack]:
    """The stack as it comes."""
    with Stack(chat_processes=1) as stack:
        yield stack


@pytest.fixture(scope="module")
def processes(limited: Stack) -> Iterator[list[str]]:
    """Two auth_service processes."""
    second = PythonService(
        "auth_service-second", "auth_service", limited.folder, env=limited.auth.env, ready="/api/auth/ready"
    )
    second.start()
    yield [limited.auth.base_url, second.base_url]
    second.stop()


@pytest.fixture(scope="module")
def address() -> Callable[[], str]:
    """Addresses that nobody has used yet; the whole of 127.0.0.0/8 is this machine."""
    numbers = itertools.count(2)
    return lambda: f"127.0.1.{next(numbers)}"


@pytest.fixture
def at(limited: Stack, address: Callable[[], str]) -> Iterator[At]:
    """Clients at a new address each, of this server."""
    with ExitStack() as clients:

        def make(base_url: str = "") -> httpx2.Client:
            transport = httpx2.HTTPTransport(local_address=address())
            return clients.enter_context(httpx2.Client(base_url=base_url or limited.base_url, transport=transport))

        yield make


def register(client: httpx2.Client) -> str:
    name = f"person-{secrets.token_hex(6)}"
    form = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    assert client.post("/api/auth/register", json=form).status_code == 201
    return name


def login(client: httpx2.Client, name: str, password: str = "wrong password", **headers: Any) -> httpx2.Response:
    form = {"grant_type": "password", "username": name, "password": password}
    return client.post("/api/auth/token", data=form, headers=headers)


def must_wait(answer: httpx2.Response, at_most: int) -> None:
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= at_most


def test_the_eleventh_login_from_an_address_waits(at: At) -> None:
    client = at("")
    for number in range(5):
        assert login(client, f"nobody-{secrets.token_hex(4)}").status_code == 400
        malformed = client.post("/api/auth/token", data={"grant_type": "password", "username": f"nobody-{number}"})
        assert malformed.status_code == 400
    must_wait(login(client, "somebody"), 300)
    must_wait(client.post("/api/auth/login", content=b"not a form"), 300)
    assert login(at(""), "somebody").status_code == 400


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X_FORWARDED_FOR", "X-Real-IP", "Forwarded"])
@pytest.mark.parametrize("is_direct", [False, True])
def test_claiming_another_address_helps_nobody(limited: Stack, at: At, header: str, is_direct: bool) -> None:
    client = at(limited.auth.base_url if is_direct else "")
    claims = (f"for=198.51.100.{n}" if header == "Forwarded" else f"198.51.100.{n}" for n in itertools.count())
    for _ in range(10):
        assert login(client, f"nobody-{secrets.token_hex(4)}", **{header: next(claims)}).status_code == 400
    must_wait(login(client, "somebody", **{header: next(claims)}), 300)


def test_an_account_waits_after_five_failures_but_its_devices_do_not(processes: list[str], at: At) -> None:
    owner = at("")
    name = register(owner)
    signed_in = login(owner, name, PASSWORD).raise_for_status().json()
    for number in range(5):
        assert login(at(processes[number % 2]), name.upper()).status_code == 400
    for process in processes:
        must_wait(login(at(process), name, PASSWORD), 30)
    form = {"grant_type": "refresh_token", "refresh_token": signed_in["refresh_token"]}
    renewed = owner.post("/api/auth/token", data=form)
    assert renewed.status_code == 200
    bearer = {"Authorization": f"Bearer {renewed.json()['access_token']}"}
    assert owner.get("/api/conversations", headers=bearer).status_code == 200


def test_a_name_that_nobody_has_waits_just_as_long(at: At) -> None:
    name = f"nobody-{secrets.token_hex(6)}"
    answers = [login(at(""), name) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [400] * 5
    must_wait(login(at(""), name), 30)


def test_success_forgives_earlier_failures(at: At) -> None:
    name = register(at(""))
    for _ in range(2):
        for _ in range(4):
            assert login(at(""), name).status_code == 400
        assert login(at(""), name, PASSWORD).status_code in (200, 429)


def test_the_sixth_account_from_an_address_waits(at: At) -> None:
    client = at("")
    for _ in range(3):
        refused = client.post("/api/auth/register", json={"username": "x"})
        assert refused.status_code == 422
    for _ in range(5):
        register(client)
    form = {"username": f"late-{secrets.token_hex(4)}", "email": "late@example.com", "password": PASSWORD}
    must_wait(client.post("/api/auth/register", json=form), 3600)


def test_a_session_refreshes_sixty_times_a_minute(at: At) -> None:
    client = at("")
    token = login(client, register(client), PASSWORD).json()["refresh_token"]
    for _ in range(60):
        form = {"grant_type": "refresh_token", "refresh_token": token}
        token = client.post("/api/auth/token", data=form).raise_for_status().json()["refresh_token"]
    must_wait(client.post("/api/auth/token", data={**form, "refresh_token": token}), 60)


def test_guessing_the_present_password_is_limited_too(at: At) -> None:
    client = at("")
    token = login(client, register(client), PASSWORD).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    change = {"current_password": "wrong password", "new_password": "another fine password"}
    for _ in range(10):
        assert client.post("/api/auth/password", json=change, headers=bearer).status_code == 403
    must_wait(client.post("/api/auth/password", json=change, headers=bearer), 300)
    deletion = client.request("DELETE", "/api/users/me", json={"password": PASSWORD}, headers=bearer)
    must_wait(deletion, 300)


def test_the_log_tells_who_and_never_what(limited: Stack, at: At) -> None:
    client = at("")
    name = register(client)
    canary = f"canary-{secrets.token_hex(8)}"
    login(client, name, canary)
    signed_in = login(client, name, PASSWORD).json()
    client.post("/api/auth/logout", headers={"Authorization": f"Bearer {signed_in['access_token']}"})
    lines = limited.logs("auth_service")
    told = [json.loads(line) for line in lines.splitlines() if '"logger": "audit"' in line]
    for event in ("login failed", "login ok", "session ended", "limit reached", "registered"):
        found = [line for line in told if line["event"] == event]
        assert found
        assert all(line["request_id"] and line["client"] for line in found)
    assert all(line["user_id"] and line["reason"] for line in told if line["event"] == "session ended")
    for secret in (canary, PASSWORD, signed_in["access_token"], signed_in["refresh_token"]):
        assert secret not in lines


def test_limits_go_on_without_valkey(limited: Stack, at: At) -> None:
    limited.stop_server("valkey")
    try:
        client = at("")
        for _ in range(10):
            assert login(client, f"nobody-{secrets.token_hex(4)}").status_code == 400
        must_wait(login(client, "somebody"), 300)
    finally:
        limited.start_server("valkey")
