"""The list of conversations, marks and blocks."""

from typing import Any

import pytest

from tests.api.calls import (
    MESSAGE_KEYS,
    NOWHERE,
    USER_KEYS,
    body_to,
    conversation,
    events_after,
    history,
    ok,
    position,
    problem,
    read_up_to,
    send,
)
from tests.api.conftest import Newcomer
from tests.stack.people import Person

KEYS = {"peer", "last_message", "unread_count", "my_read_id", "peer_read_id", "peer_delivered_id", "blocked"}


def marks(me: Person, peer: Person) -> tuple[Any, ...]:
    found = conversation(me, peer)
    return tuple(found[key] for key in ("unread_count", "my_read_id", "peer_read_id", "peer_delivered_id"))


def test_a_conversation_shows_the_other_and_the_last_message(fresh_ann: Person, fresh_bob: Person) -> None:
    assert ok(fresh_ann.client.get("/api/conversations")) == {"items": [], "next_cursor": None}
    message = send(fresh_ann, fresh_bob, "hi")

    page = ok(fresh_bob.client.get("/api/conversations"))
    assert page["next_cursor"] is None
    (item,) = page["items"]
    assert item.keys() == KEYS
    assert item["peer"].keys() == USER_KEYS
    assert item["last_message"].keys() == MESSAGE_KEYS
    assert (item["peer"]["id"], item["last_message"], item["blocked"]) == (fresh_ann.id, message, False)
    assert marks(fresh_bob, fresh_ann) == (1, None, None, None)
    assert marks(fresh_ann, fresh_bob) == (0, None, None, None)


def test_the_newest_conversation_is_first_and_pages_are_complete(fresh_ann: Person, newcomer: Newcomer) -> None:
    peers = [newcomer() for _ in range(5)]
    for peer in peers:
        send(peer, fresh_ann)
    send(fresh_ann, peers[1])
    expected = [peers[index].id for index in (1, 4, 3, 2, 0)]

    for limit in (1, 2, 5, 100):
        found: list[int] = []
        query: dict[str, Any] = {"limit": limit}
        while query.get("cursor", "") is not None:
            page = ok(fresh_ann.client.get("/api/conversations", params=query))
            assert len(page["items"]) <= limit
            found += [item["peer"]["id"] for item in page["items"]]
            query["cursor"] = page["next_cursor"]
        assert found == expected


@pytest.mark.parametrize("limit", ["0", "-1", "101", "abc", "9" * 30])
def test_a_limit_outside_of_1_to_100_is_422(ann: Person, limit: str) -> None:
    problem(ann.client.get("/api/conversations", params={"limit": limit}), 422)


def test_unread_counts_what_the_other_wrote_after_my_mark(fresh_ann: Person, fresh_bob: Person) -> None:
    sent = [send(fresh_ann, fresh_bob, f"{number}") for number in range(4)]
    send(fresh_bob, fresh_ann, "my own is never unread")
    assert marks(fresh_bob, fresh_ann)[0] == 4

    ok(fresh_ann.client.delete(f"/api/messages/{sent[3]['id']}"), 204)
    assert marks(fresh_bob, fresh_ann)[0] == 3
    read_up_to(fresh_bob, fresh_ann, sent[1])
    assert marks(fresh_bob, fresh_ann) == (1, sent[1]["id"], None, None)
    assert conversation(fresh_ann, fresh_bob)["unread_count"] == 1


def test_reading_shows_to_the_other_and_implies_delivered(fresh_ann: Person, fresh_bob: Person) -> None:
    message = send(fresh_ann, fresh_bob)
    read_up_to(fresh_bob, fresh_ann, message)
    assert marks(fresh_ann, fresh_bob) == (0, None, message["id"], message["id"])


def test_marks_only_move_forward(fresh_ann: Person, fresh_bob: Person) -> None:
    first, second = send(fresh_ann, fresh_bob), send(fresh_ann, fresh_bob)
    read_up_to(fresh_bob, fresh_ann, second)
    before = position(fresh_ann)

    read_up_to(fresh_bob, fresh_ann, first)
    read_up_to(fresh_bob, fresh_ann, second)

    assert marks(fresh_bob, fresh_ann) == (0, second["id"], None, None)
    assert events_after(fresh_ann, before) == []


def test_a_mark_is_a_message_of_this_conversation(ann: Person, bob: Person, eve: Person) -> None:
    mine, elsewhere = send(bob, ann), send(eve, ann)
    path = f"/api/conversations/{bob.id}/read"
    for message_id in (elsewhere["id"], send(bob, eve)["id"], NOWHERE):
        problem(ann.client.post(path, json={"message_id": message_id}), 404)
    problem(ann.client.post(f"/api/conversations/{NOWHERE}/read", json={"message_id": mine["id"]}), 404)
    problem(ann.client.post(f"/api/conversations/{eve.id}/read", json={"message_id": mine["id"]}), 404)
    assert conversation(ann, bob)["my_read_id"] is None


@pytest.mark.parametrize("value", [None, "1", 1.0, 1.5, True, 0, -1, 2**53, 10**30, [], {}])
def test_a_mark_is_an_integer(ann: Person, bob: Person, value: Any) -> None:
    problem(ann.client.post(f"/api/conversations/{bob.id}/read", json={"message_id": value}), 422)


def test_a_block_stops_writing_both_ways_and_keeps_the_history(fresh_ann: Person, fresh_bob: Person) -> None:
    mine, theirs = send(fresh_ann, fresh_bob, "a"), send(fresh_bob, fresh_ann, "b")
    for _ in range(2):
        ok(fresh_ann.client.put(f"/api/blocks/{fresh_bob.id}"), 204)

    (blocked,) = ok(fresh_ann.client.get("/api/blocks"))
    assert (blocked["id"], blocked.keys()) == (fresh_bob.id, USER_KEYS)
    assert ok(fresh_bob.client.get("/api/blocks")) == []
    assert (conversation(fresh_ann, fresh_bob)["blocked"], conversation(fresh_bob, fresh_ann)["blocked"]) == (
        True,
        False,
    )
    for me, peer, own, other in ((fresh_ann, fresh_bob, mine, theirs), (fresh_bob, fresh_ann, theirs, mine)):
        problem(me.client.post("/api/messages", json=body_to(peer)), 403, "blocked")
        problem(me.client.patch(f"/api/messages/{own['id']}", json={"text": "c"}), 403, "blocked")
        problem(me.client.put(f"/api/messages/{other['id']}/reactions/👍"), 403, "blocked")
        problem(me.client.delete(f"/api/messages/{other['id']}/reactions/👍"), 403, "blocked")
        assert history(me, peer)["items"] == [mine, theirs]
    ok(fresh_bob.client.delete(f"/api/messages/{theirs['id']}"), 204)

    for _ in range(2):
        ok(fresh_ann.client.delete(f"/api/blocks/{fresh_bob.id}"), 204)
    send(fresh_bob, fresh_ann, "again")
    assert ok(fresh_ann.client.get("/api/blocks")) == []


def test_the_blocked_person_cannot_unblock(fresh_ann: Person, fresh_bob: Person) -> None:
    ok(fresh_ann.client.put(f"/api/blocks/{fresh_bob.id}"), 204)
    ok(fresh_bob.client.delete(f"/api/blocks/{fresh_ann.id}"), 204)
    problem(fresh_bob.client.post("/api/messages", json=body_to(fresh_ann)), 403, "blocked")


def test_oneself_and_nobody_cannot_be_blocked(ann: Person) -> None:
    problem(ann.client.put(f"/api/blocks/{ann.id}"), 422)
    problem(ann.client.put(f"/api/blocks/{NOWHERE}"), 404)


def test_one_conversation_is_as_in_the_list_and_none_is_no_error(
    fresh_ann: Person, fresh_bob: Person, eve: Person
) -> None:
    def only_with(me: Person, peer_id: int) -> Any:
        return ok(me.client.get("/api/conversations", params={"peer_id": peer_id}))

    nothing: dict[str, Any] = {"items": [], "next_cursor": None}
    assert only_with(fresh_ann, fresh_bob.id) == nothing
    send(fresh_ann, fresh_bob)
    send(fresh_ann, eve)
    for person in (fresh_ann, fresh_bob):
        listed = ok(person.client.get("/api/conversations"))["items"]
        for item in listed:
            assert only_with(person, item["peer"]["id"]) == {"items": [item], "next_cursor": None}
    assert only_with(eve, fresh_bob.id) == only_with(eve, NOWHERE) == nothing
    for value in ("0", "-1", "1.0", "abc", "9" * 30):
        problem(eve.client.get("/api/conversations", params={"peer_id": value}), 422)


def test_a_date_leads_to_the_first_message_since(fresh_ann: Person, fresh_bob: Person, eve: Person) -> None:
    path = f"/api/conversations/{fresh_bob.id}/at"
    assert ok(fresh_ann.client.get(path, params={"time": "2026-01-01T00:00:00Z"})) == {"message_id": None}
    sent = []
    for number in range(9):
        sent.append(send(fresh_ann, fresh_bob, str(number)))
        send(fresh_ann, eve)  # ids of one conversation have gaps
    for message in sent:
        query = {"time": message["created_at"]}
        place = ok(fresh_bob.client.get(f"/api/conversations/{fresh_ann.id}/at", params=query))
        assert place == {"message_id": message["id"]}
    assert ok(fresh_ann.client.get(path, params={"time": "2020-01-01T00:00:00Z"})) == {"message_id": sent[0]["id"]}
    assert ok(fresh_ann.client.get(path, params={"time": "2999-01-01T00:00:00+02:00"})) == {"message_id": None}
    for bad in ("", "yesterday", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z"):
        problem(fresh_ann.client.get(path, params={"time": bad}), 422)
    problem(fresh_ann.client.get(path), 422)
