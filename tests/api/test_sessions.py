"""The list of sessions, and ending them."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.api.calls import TIME, UUID, bearer, is_over, ok, problem, refresh, sign_in
from tests.stack.people import Person

KEYS = {"id", "created_at", "last_used_at", "expires_at", "ip", "user_agent", "current"}


def sessions(client: httpx2.Client, token: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = ok(client.get("/api/auth/sessions", headers=bearer(token)))
    return listed


def id_of(client: httpx2.Client, token: str) -> str:
    (current,) = [session["id"] for session in sessions(client, token) if session["current"]]
    return str(current)


def test_the_list_has_every_session_and_says_which_is_this(fresh_ann: Person, visitor: httpx2.Client) -> None:
    visitor.headers["User-Agent"] = "Test Browser/1.0 (їжак)".encode().decode("latin-1")
    other = sign_in(visitor, fresh_ann)["access_token"]

    listed = sessions(visitor, fresh_ann.token)

    assert len(listed) == 2
    assert [session["current"] for session in listed].count(True) == 1
    assert id_of(visitor, fresh_ann.token) != id_of(visitor, other)
    for session in listed:
        assert session.keys() == KEYS
        assert UUID.fullmatch(session["id"])
        assert all(TIME.fullmatch(session[key]) for key in ("created_at", "last_used_at", "expires_at"))
        assert session["ip"] == "127.0.0.1"
    assert any(str(session["user_agent"]).startswith("Test Browser/1.0") for session in listed)


@pytest.mark.parametrize("agent", ["", "x" * 6_000, "\xff\xfe"])
def test_a_strange_user_agent_is_no_reason_to_refuse(ann: Person, visitor: httpx2.Client, agent: str) -> None:
    visitor.headers["User-Agent"] = agent.encode("latin-1").decode("latin-1")
    token = sign_in(visitor, ann)["access_token"]
    assert id_of(visitor, token)


def test_last_used_tells_of_refreshes(fresh_ann: Person, visitor: httpx2.Client) -> None:
    tokens = sign_in(visitor, fresh_ann)
    (before,) = [each for each in sessions(visitor, tokens["access_token"]) if each["current"]]
    ok(refresh(visitor, tokens["refresh_token"]))
    (after,) = [each for each in sessions(visitor, tokens["access_token"]) if each["current"]]

    assert after["id"] == before["id"]
    assert after["created_at"] == before["created_at"]
    assert after["last_used_at"] > before["last_used_at"]


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_one_session_can_be_ended(fresh_ann: Person, visitor: httpx2.Client, chat_urls: list[str], case: Any) -> None:
    other = sign_in(visitor, fresh_ann)
    path = f"/api/auth/sessions/{case(id_of(visitor, other['access_token']))}"

    ok(fresh_ann.client.delete(path), 204)

    assert is_over(chat_urls, other["access_token"])
    problem(refresh(visitor, other["refresh_token"]), 400, "invalid_grant")
    ok(fresh_ann.client.get("/api/conversations"))
    assert len(sessions(visitor, fresh_ann.token)) == 1
    problem(fresh_ann.client.delete(path), 404)


def test_this_session_can_be_ended(fresh_ann: Person, visitor: httpx2.Client, chat_urls: list[str]) -> None:
    own = sign_in(visitor, fresh_ann)["access_token"]
    ok(visitor.delete(f"/api/auth/sessions/{id_of(visitor, own)}", headers=bearer(own)), 204)
    assert is_over(chat_urls, own)


def test_a_session_that_is_not_mine_does_not_exist(ann: Person, bob: Person, visitor: httpx2.Client) -> None:
    problem(ann.client.delete(f"/api/auth/sessions/{id_of(visitor, bob.token)}"), 404)
    problem(ann.client.delete(f"/api/auth/sessions/{uuid4()}"), 404)
    ok(bob.client.get("/api/users/me"))


@pytest.mark.parametrize("session_id", ["x", "1", "me", "00000000-0000-0000-0000-00000000000g"])
def test_what_is_no_id_is_no_session(ann: Person, session_id: str) -> None:
    assert ann.client.delete(f"/api/auth/sessions/{session_id}").status_code in (404, 422)


def test_all_others_can_be_ended_at_once(fresh_ann: Person, visitor: httpx2.Client, chat_urls: list[str]) -> None:
    others = [sign_in(visitor, fresh_ann) for _ in range(2)]

    ok(fresh_ann.client.delete("/api/auth/sessions"), 204)

    assert all(is_over(chat_urls, other["access_token"]) for other in others)
    assert [session["current"] for session in sessions(visitor, fresh_ann.token)] == [True]
    ok(fresh_ann.client.get("/api/conversations"))
    ok(fresh_ann.client.delete("/api/auth/sessions"), 204)
