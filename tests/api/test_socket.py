"""The socket: the handshake, every frame, and events in both directions."""

import json
from typing import Any
from uuid import uuid4

import pytest
from websockets.sync.client import connect

from tests.api.calls import (
    MESSAGE_KEYS,
    NOWHERE,
    UUID,
    bearer,
    body_to,
    conversation,
    history,
    ok,
    position,
    send,
    socket,
    subprotocols,
)
from tests.api.frames import ask, assert_error, frames_until, is_alive, next_event
from tests.stack.people import Person, receive


def fields(to: Person, text: str | None = "hi", **more: Any) -> dict[str, Any]:
    return {"to": to.id, "text": text, "client_id": str(uuid4()), "attachment_ids": [], "reply_to_id": None} | more


def test_the_first_frame_is_ready(ann: Person, ws_urls: list[str]) -> None:
    place = position(ann)
    with connect(ws_urls[0], subprotocols=subprotocols(ann.token)) as opened:
        assert opened.subprotocol == "chat.v1"
        ready = json.loads(opened.recv(timeout=5))
        assert is_alive(opened)
    assert ready.keys() == {"type", "epoch", "head", "user_id", "session_id", "expires_in", "heartbeat_seconds"}
    assert (ready["type"], ready["user_id"], ready["heartbeat_seconds"]) == ("ready", ann.id, 25)
    assert (ready["epoch"], ready["head"]) == (place["epoch"], place["since"])
    assert UUID.fullmatch(ready["session_id"])
    assert 0 < ready["expires_in"] <= 600


def test_an_app_may_bring_its_token_in_the_header(ann: Person, ws_urls: list[str]) -> None:
    with connect(ws_urls[0], additional_headers=bearer(ann.token)) as opened:
        assert receive(opened, "ready")["user_id"] == ann.id


def test_send_answers_with_the_message_after_commit_and_tells_every_device(
    ann: Person, bob: Person, ws_urls: list[str]
) -> None:
    one, two = ws_urls
    with socket(one, ann.token) as mine, socket(two, ann.token) as my_other, socket(two, bob.token) as theirs:
        wanted = fields(bob, "Привіт")
        answer = ask(mine, "send", **wanted)
        message = answer["result"]

        assert answer.keys() == {"type", "id", "result"}
        assert (answer["type"], message.keys(), message["text"]) == ("ok", MESSAGE_KEYS, "Привіт")
        assert history(bob, ann, limit=1)["items"] == [message]
        assert ask(mine, "send", **wanted)["result"] == message
        for other in (my_other, theirs):
            event = receive(other, "event")
            assert event.keys() == {"type", "seq", "event", "data"}
            assert (event["event"], event["data"]) == ("message.created", message)
        assert ok(ann.client.post("/api/messages", json=body_to(bob, "x", client_id=wanted["client_id"]))) == message


def test_edit_delete_and_react_are_like_rest(ann: Person, bob: Person, ws_urls: list[str]) -> None:
    with socket(ws_urls[0], ann.token) as mine, socket(ws_urls[1], bob.token) as theirs:
        message = ask(mine, "send", **fields(bob))["result"]
        mid = {"message_id": message["id"]}
        edited = ask(mine, "edit", **mid, text="new", revision=1)
        assert (edited["type"], edited["result"]["text"], edited["result"]["revision"]) == ("ok", "new", 2)
        assert next_event(theirs, "message.updated")["data"]["text"] == "new"

        assert_error(ask(mine, "edit", **mid, text="lost", revision=1), "stale_revision")
        reacted = ask(theirs, "react", **mid, emoji="👍", on=True)
        assert (reacted["type"], reacted["result"]) == ("ok", None)
        assert next_event(mine, "message.updated")
        assert history(ann, bob, limit=1)["items"][0]["reactions"] == [{"emoji": "👍", "user_ids": [bob.id]}]
        assert ask(theirs, "react", **mid, emoji="👍", on=False)["result"] is None
        assert_error(ask(theirs, "react", **mid, emoji="no emoji", on=True))
        assert_error(ask(theirs, "edit", **mid, text="not mine", revision=None))
        assert_error(ask(theirs, "delete", **mid))

        for _ in range(2):
            deleted = ask(mine, "delete", **mid)
            assert (deleted["type"], deleted["result"]) == ("ok", None)
        assert next_event(theirs, "message.deleted")["data"]["text"] is None
        assert_error(ask(mine, "edit", **mid, text="back", revision=None), "deleted")
        assert_error(ask(theirs, "react", **mid, emoji="👍", on=True), "deleted")


def test_read_and_delivered_move_the_marks(fresh_ann: Person, bob: Person, ws_urls: list[str]) -> None:
    first, second = send(fresh_ann, bob), send(fresh_ann, bob)
    with socket(ws_urls[0], fresh_ann.token) as mine, socket(ws_urls[1], bob.token) as theirs:
        assert ask(theirs, "delivered", peer_id=fresh_ann.id, message_id=second["id"])["result"] is None
        event = next_event(mine, "conversation.delivered")
        assert event["data"] == {"user_id": bob.id, "peer_id": fresh_ann.id, "message_id": second["id"]}
        assert ask(theirs, "read", peer_id=fresh_ann.id, message_id=first["id"])["result"] is None
        assert next_event(mine, "conversation.read")["data"]["message_id"] == first["id"]
        found = conversation(fresh_ann, bob)
        assert (found["peer_read_id"], found["peer_delivered_id"]) == (first["id"], second["id"])
        for kind in ("read", "delivered"):
            assert_error(ask(theirs, kind, peer_id=fresh_ann.id, message_id=NOWHERE), "not_found")


def test_typing_reaches_the_other_alone(ann: Person, bob: Person, eve: Person, ws_urls: list[str]) -> None:
    send(ann, bob)
    with (
        socket(ws_urls[0], ann.token) as mine,
        socket(ws_urls[1], bob.token) as theirs,
        socket(ws_urls[1], eve.token) as third,
    ):
        for on in (True, False):
            answer = ask(mine, "typing", peer_id=bob.id, on=on)
            assert (answer["type"], answer["result"]) == ("ok", None)
            assert receive(theirs, "typing") == {"type": "typing", "peer_id": ann.id, "on": on}
        third.send('{"type": "ping", "id": "end"}')
        assert [frame["type"] for frame in frames_until(third, "pong")] == ["pong"]


def test_watch_tells_presence_at_once_and_when_it_changes(ann: Person, bob: Person, ws_urls: list[str]) -> None:
    send(ann, bob)
    with socket(ws_urls[0], ann.token) as mine:
        mine.send(json.dumps({"type": "watch", "id": "w", "user_ids": [bob.id]}))
        first = receive(mine, "presence")
        assert first.keys() == {"type", "user_id", "online", "last_seen_at"}
        assert (first["user_id"], first["online"]) == (bob.id, False)
        with socket(ws_urls[1], bob.token):
            online = receive(mine, "presence")
            assert (online["user_id"], online["online"]) == (bob.id, True)
            ask(mine, "watch", user_ids=[])
            assert is_alive(mine)


def test_a_block_hides_presence_and_typing(fresh_ann: Person, fresh_bob: Person, ws_urls: list[str]) -> None:
    send(fresh_ann, fresh_bob)
    ok(fresh_bob.client.put(f"/api/blocks/{fresh_ann.id}"), 204)
    with socket(ws_urls[0], fresh_ann.token) as mine, socket(ws_urls[1], fresh_bob.token) as theirs:
        assert_error(ask(mine, "send", **fields(fresh_bob)), "blocked")
        ask(mine, "typing", peer_id=fresh_bob.id, on=True)
        ask(theirs, "typing", peer_id=fresh_ann.id, on=True)
        mine.send(json.dumps({"type": "watch", "id": "w", "user_ids": [fresh_bob.id]}))
        for opened in (mine, theirs):
            opened.send('{"type": "ping", "id": "end"}')
            frames = frames_until(opened, "pong")
            assert not [frame for frame in frames if frame["type"] == "typing"]
            assert not [frame for frame in frames if frame["type"] == "presence" and frame["online"]]


def test_who_is_no_longer_blocked_is_seen_again_without_asking(
    fresh_ann: Person, fresh_bob: Person, ws_urls: list[str]
) -> None:
    with socket(ws_urls[0], fresh_ann.token) as mine, socket(ws_urls[1], fresh_bob.token) as theirs:
        sockets = ((mine, fresh_bob), (theirs, fresh_ann))
        for opened, other in sockets:
            opened.send(json.dumps({"type": "watch", "id": "w", "user_ids": [other.id]}))
            while not receive(opened, "presence")["online"]:
                pass
        for call, online in ((fresh_bob.client.put, False), (fresh_bob.client.delete, True)):
            ok(call(f"/api/blocks/{fresh_ann.id}"), 204)
            for opened, other in sockets:
                told = receive(opened, "presence")
                assert (told["user_id"], told["online"]) == (other.id, online)


def test_with_since_exactly_the_missed_events_come_and_then_live(ann: Person, bob: Person, ws_urls: list[str]) -> None:
    place = position(bob)
    missed = [send(ann, bob, f"missed {number}")["id"] for number in range(5)]
    ok(ann.client.delete(f"/api/messages/{missed[2]}"), 204)

    query = f"?since={place['since']}&epoch={place['epoch']}"
    with connect(ws_urls[1] + query, subprotocols=subprotocols(bob.token)) as opened:
        frames = frames_until(opened, "live")
        head = frames[-1]["head"]
        assert frames[-1].keys() == {"type", "head"}
        assert frames[0]["type"] == "ready"
        assert [frame["seq"] for frame in frames[1:-1]] == list(range(place["since"] + 1, head + 1))
        created = [frame["data"] for frame in frames if frame.get("event") == "message.created"]
        assert [message["id"] for message in created] == missed
        assert created[2]["text"] is None
        after = send(ann, bob, "live")
        event = receive(opened, "event")
        assert (event["seq"], event["data"]) == (head + 1, after)


def test_at_the_head_nothing_is_repeated(ann: Person, bob: Person, ws_urls: list[str]) -> None:
    send(ann, bob)
    place = position(bob)
    query = f"?since={place['since']}&epoch={place['epoch']}"
    with connect(ws_urls[0] + query, subprotocols=subprotocols(bob.token)) as opened:
        assert [frame["type"] for frame in frames_until(opened, "live")] == ["ready", "live"]


@pytest.mark.parametrize("query", ["?since=0&epoch={other}", "?since={beyond}&epoch={epoch}"])
def test_without_continuity_it_is_reset_and_then_live(ann: Person, bob: Person, ws_urls: list[str], query: str) -> None:
    place = position(bob)
    query = query.format(other=uuid4(), beyond=place["since"] + 1000, epoch=place["epoch"])
    with connect(ws_urls[0] + query, subprotocols=subprotocols(bob.token)) as opened:
        frames = frames_until(opened, "reset")
        assert frames[1:] == [{"type": "reset", "epoch": place["epoch"], "head": place["since"]}]
        message = send(ann, bob)
        event = receive(opened, "event")
        assert (event["seq"], event["data"]) == (place["since"] + 1, message)


def test_messages_cross_processes_in_order_without_gap(fresh_ann: Person, bob: Person, ws_urls: list[str]) -> None:
    start = position(bob)["since"]
    with socket(ws_urls[0], fresh_ann.token) as mine, socket(ws_urls[1], bob.token) as theirs:
        for number in range(20):
            mine.send(json.dumps({"type": "send", "id": str(number)} | fields(bob, str(number))))
        events = [receive(theirs, "event") for _ in range(20)]
        assert [event["seq"] for event in events] == list(range(start + 1, start + 21))
        assert [event["data"]["text"] for event in events] == [str(number) for number in range(20)]


def test_notes_to_oneself_are_one_event(fresh_ann: Person, ws_urls: list[str]) -> None:
    with socket(ws_urls[0], fresh_ann.token) as mine:
        mine.send(json.dumps({"type": "send", "id": "1"} | fields(fresh_ann)))
        mine.send('{"type": "ping", "id": "end"}')
        ask(mine, "ping")
    with socket(ws_urls[1], fresh_ann.token):
        assert position(fresh_ann)["since"] == 1
