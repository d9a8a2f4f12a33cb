"""The journal: one gap-free sequence per person, the same for all of their devices."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.calls import (
    NOWHERE,
    USER_KEYS,
    UUID,
    Json,
    body_to,
    events_after,
    history,
    in_parallel,
    ok,
    position,
    problem,
    read_up_to,
    send,
)
from tests.api.conftest import Newcomer
from tests.stack.people import Person

KEYS = {"epoch", "events", "head", "has_more", "reset"}


def sync(me: Person, **query: Any) -> Json:
    page: Json = ok(me.client.get("/api/sync", params=query))
    assert page.keys() == KEYS
    return page


def types(events: list[Json]) -> list[str]:
    return [event["type"] for event in events]


def test_without_since_it_says_only_where_to_start(ann: Person, bob: Person) -> None:
    send(ann, bob)
    page = sync(ann)
    assert UUID.fullmatch(page["epoch"])
    assert (page["events"], page["has_more"], page["reset"]) == ([], False, False)
    assert page["head"] >= 1


def test_a_new_person_starts_at_nought_and_counts_from_one(fresh_ann: Person, bob: Person) -> None:
    start = sync(fresh_ann)
    assert start["head"] == 0
    for _ in range(3):
        send(fresh_ann, bob)
    assert [event["seq"] for event in sync(fresh_ann, since=0, epoch=start["epoch"])["events"]] == [1, 2, 3]


def test_every_change_is_told_to_both_with_the_present_state(ann: Person, bob: Person) -> None:
    places = [(person, position(person)) for person in (ann, bob)]
    message = send(ann, bob, "one")
    path = f"/api/messages/{message['id']}"
    ok(bob.client.put(f"{path}/reactions/👍"), 204)
    ok(ann.client.patch(path, json={"text": "two"}))
    read_up_to(bob, ann, message)
    (now,) = history(ann, bob, limit=1)["items"]

    for person, place in places:
        events = events_after(person, place)
        assert [event["seq"] for event in events] == list(range(place["since"] + 1, place["since"] + 1 + len(events)))
        assert all(event.keys() == {"seq", "type", "data"} for event in events)
        kinds = types(events)
        assert kinds[:4] == ["message.created", "message.updated", "message.updated", "conversation.read"]
        assert set(kinds[4:]) <= {"conversation.delivered"}
        assert all(event["data"] == now for event in events[:3])
        mark = events[3]["data"]
        assert mark == {"user_id": bob.id, "peer_id": ann.id, "message_id": message["id"]}
        assert sync(person)["head"] == events[-1]["seq"]


def test_a_replay_never_brings_back_deleted_text(ann: Person, bob: Person) -> None:
    places = [(person, position(person)) for person in (ann, bob)]
    message = send(ann, bob, "a secret that is deleted")
    path = f"/api/messages/{message['id']}"
    ok(ann.client.patch(path, json={"text": "a secret that was edited"}))
    ok(ann.client.delete(path), 204)

    for person, place in places:
        events = events_after(person, place)
        assert types(events) == ["message.created", "message.updated", "message.deleted"]
        assert "secret" not in str(events)
        assert all(event["data"]["deleted_at"] for event in events)
        assert all(event["data"]["revision"] == 3 for event in events)


def test_what_changes_nothing_is_no_event(ann: Person, bob: Person) -> None:
    message = send(ann, bob)
    path = f"/api/messages/{message['id']}"
    read_up_to(bob, ann, message)
    ok(ann.client.delete(path), 204)
    places = [(person, position(person)) for person in (ann, bob)]

    ok(ann.client.delete(path), 204)
    read_up_to(bob, ann, message)
    for person, place in places:
        assert events_after(person, place) == []


def test_a_refused_change_is_no_event(ann: Person, bob: Person, eve: Person) -> None:
    message = send(ann, bob)
    places = [(person, position(person)) for person in (ann, bob, eve)]

    problem(bob.client.patch(f"/api/messages/{message['id']}", json={"text": "x"}), 403)
    problem(eve.client.delete(f"/api/messages/{message['id']}"), 404)
    problem(ann.client.post("/api/messages", json=body_to(bob, reply_to_id=NOWHERE)), 404)
    for person, place in places:
        assert events_after(person, place) == []


def test_a_block_is_told_to_the_blocker_alone(fresh_ann: Person, fresh_bob: Person) -> None:
    send(fresh_ann, fresh_bob)
    mine, theirs = position(fresh_ann), position(fresh_bob)
    ok(fresh_ann.client.put(f"/api/blocks/{fresh_bob.id}"), 204)
    ok(fresh_ann.client.delete(f"/api/blocks/{fresh_bob.id}"), 204)

    events = events_after(fresh_ann, mine)
    assert types(events) == ["block.changed", "block.changed"]
    assert all(event["data"]["user_id"] == fresh_bob.id for event in events)
    assert events[-1]["data"] == {"user_id": fresh_bob.id, "blocked": False}
    assert events_after(fresh_bob, theirs) == []


def test_a_new_name_is_told_to_those_who_share_a_conversation(fresh_ann: Person, bob: Person, eve: Person) -> None:
    from tests.api.calls import until

    send(fresh_ann, bob)
    shared, stranger = position(bob), position(eve)
    ok(fresh_ann.client.patch("/api/users/me", json={"display_name": "Ганна Нова"}))

    assert until(lambda: "user.updated" in types(events_after(bob, shared)), 5)
    (event,) = [event for event in events_after(bob, shared) if event["type"] == "user.updated"]
    assert event["data"].keys() == USER_KEYS
    assert (event["data"]["id"], event["data"]["display_name"]) == (fresh_ann.id, "Ганна Нова")
    assert events_after(eve, stranger) == []


def test_a_deleted_account_is_told_without_its_names(fresh_ann: Person, bob: Person) -> None:
    from tests.api.calls import until

    send(fresh_ann, bob)
    place = position(bob)
    ok(fresh_ann.client.patch("/api/users/me", json={"display_name": "Soon Gone"}))
    ok(fresh_ann.client.request("DELETE", "/api/users/me", json={"password": fresh_ann.password}), 204)

    def told() -> bool:
        data = [event["data"] for event in events_after(bob, place) if event["type"] == "user.updated"]
        return bool(data) and data[-1]["id"] == fresh_ann.id and data[-1]["username"] is None

    assert until(told, 5)
    assert "Soon Gone" not in str(events_after(bob, place))


def test_pages_are_complete(ann: Person, bob: Person) -> None:
    place = position(ann)
    for _ in range(7):
        send(bob, ann)
    seen: list[int] = []
    more = True
    while more:
        page = sync(ann, since=place["since"] + len(seen), epoch=place["epoch"], limit=3)
        assert len(page["events"]) <= 3
        seen += [event["seq"] for event in page["events"]]
        more = page["has_more"]
    assert seen == list(range(place["since"] + 1, place["since"] + 8))
    assert sync(ann, since=seen[-1], epoch=place["epoch"])["events"] == []


def test_writers_on_every_process_leave_no_gap(newcomer: Newcomer, bob: Person, chat_urls: list[str]) -> None:
    writers, place = [newcomer() for _ in range(4)], position(bob)

    def write(writer: Person, number: int) -> int:
        url = f"{chat_urls[number % len(chat_urls)]}/api/messages"
        return writer.client.post(url, json=body_to(bob, f"{writer.id} {number}")).status_code

    calls = [lambda writer=writer, number=number: write(writer, number) for writer in writers for number in range(6)]
    assert set(in_parallel(calls)) == {201}

    events = events_after(bob, place)
    assert [event["seq"] for event in events] == list(range(place["since"] + 1, place["since"] + 25))
    assert len({event["data"]["client_id"] for event in events}) == 24


def test_another_epoch_and_a_position_of_the_future_are_a_reset(ann: Person) -> None:
    place = position(ann)
    for query in (
        {"since": 0, "epoch": str(uuid4())},
        {"since": place["since"] + 1, "epoch": place["epoch"]},
        {"since": 2**53 - 1, "epoch": place["epoch"]},
    ):
        page = sync(ann, **query)
        assert (page["reset"], page["events"], page["has_more"]) == (True, [], False)
        assert (page["epoch"], page["head"]) == (place["epoch"], place["since"])
    assert sync(ann, since=place["since"], epoch=place["epoch"].upper())["reset"] is False


@pytest.mark.parametrize(
    "query",
    [
        {"since": 0},
        {"since": "", "epoch": "E"},
        {"since": -1, "epoch": "E"},
        {"since": "x", "epoch": "E"},
        {"since": 1.5, "epoch": "E"},
        {"since": 2**63, "epoch": "E"},
        {"since": 0, "epoch": ""},
        {"since": 0, "epoch": "x"},
        {"since": 0, "epoch": "E", "limit": 0},
        {"since": 0, "epoch": "E", "limit": 501},
        {"since": "9" * 5000, "epoch": "E"},
    ],
)
def test_a_malformed_position_is_422(ann: Person, query: dict[str, Any]) -> None:
    epoch = position(ann)["epoch"]
    problem(ann.client.get("/api/sync", params={k: epoch if v == "E" else v for k, v in query.items()}), 422)
