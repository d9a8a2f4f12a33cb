"""Sending: what is taken, what is refused, and that trying again never sends twice."""

import json
from functools import partial
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.api.calls import (
    MESSAGE_KEYS,
    NOWHERE,
    TIME,
    bearer,
    body_to,
    conversation,
    events_after,
    history,
    in_parallel,
    ok,
    position,
    problem,
    send,
)
from tests.stack.people import Person

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def post(sender: Person, body: Any) -> httpx2.Response:
    """As `json=`, but lone surrogates stay escapes."""
    return sender.client.post("/api/messages", content=json.dumps(body), headers={"Content-Type": "application/json"})


def test_a_message_is_answered_as_both_will_see_it(fresh_ann: Person, bob: Person) -> None:
    body = body_to(bob, "Привіт")
    message = ok(fresh_ann.client.post("/api/messages", json=body), 201)

    assert message.keys() == MESSAGE_KEYS
    assert (message["text"], message["client_id"]) == ("Привіт", body["client_id"])
    assert (message["sender_id"], message["receiver_id"]) == (fresh_ann.id, bob.id)
    assert (message["attachments"], message["reactions"], message["revision"]) == ([], [], 1)
    assert (message["reply_to_id"], message["edited_at"], message["deleted_at"]) == (None, None, None)
    assert TIME.fullmatch(message["created_at"])
    assert history(bob, fresh_ann)["items"] == history(fresh_ann, bob)["items"] == [message]


@pytest.mark.parametrize(
    "text",
    [
        "Z\u0308oe\u0308 \u00e9",
        "  leading and trailing  ",
        "a\r\nb\tc\u2028d",
        FAMILY,
        "🇺🇦👍🏽",
        "\u202eright to left\u202c",
        "<script>alert(1)</script>",
        "'; DROP TABLE messages; --",
        "%s {0} ${x} {{y}}",
        "\ufeffBOM",
        "\uffff\U0010ffff",
        "a\u0301" * 500,
        "\x01\x1b[31m\x7f",
        "null",
    ],
)
def test_text_is_kept_as_typed(ann: Person, bob: Person, text: str) -> None:
    message = send(ann, bob, text)
    assert message["text"] == text
    assert history(bob, ann, limit=1)["items"][0]["text"] == text


def test_text_is_counted_in_code_points(ann: Person, bob: Person) -> None:
    assert send(ann, bob, "𝒜" * 8_000)["text"] == "𝒜" * 8_000
    problem(post(ann, body_to(bob, "x" * 8_001)), 422)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        " ",
        "\n\t \r\n",
        "\u00a0\u2003\u3000",
        "\x00",
        "a\x00b",
        "\ud800",
        "a\udfffb",
        7,
        True,
        ["a"],
        {"a": "b"},
    ],
)
def test_no_text_and_no_file_is_422(ann: Person, bob: Person, text: Any) -> None:
    problem(post(ann, body_to(bob, text)), 422)


def test_text_may_be_left_out_only_for_a_file(ann: Person, bob: Person) -> None:
    body = body_to(bob)
    del body["text"]
    problem(post(ann, body), 422)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "abc",
        7,
        [],
        "00000000-0000-0000-0000-00000000000g",
        "x" * 5000,
        "b2f5ff47-4363-4ea9-8c4b-5c0c8a0d9f0e\x00",
    ],
)
def test_a_client_id_is_a_uuid(ann: Person, bob: Person, value: Any) -> None:
    problem(post(ann, body_to(bob, client_id=value)), 422)


@pytest.mark.parametrize("key", ["receiver_id", "client_id"])
def test_a_missing_key_is_422(ann: Person, bob: Person, key: str) -> None:
    body = body_to(bob)
    del body[key]
    found = problem(post(ann, body), 422)
    assert [error["loc"][-1] for error in found["errors"]] == [key]


@pytest.mark.parametrize("value", [None, "1", 1.0, True, 0, -1, 2**53, 2**63, 10**30, [1], {}])
@pytest.mark.parametrize("key", ["receiver_id", "reply_to_id"])
def test_an_id_is_a_positive_integer(ann: Person, bob: Person, key: str, value: Any) -> None:
    if (key, value) != ("reply_to_id", None):
        problem(post(ann, body_to(bob) | {key: value}), 422)


def test_nobody_receives_nothing(ann: Person) -> None:
    problem(post(ann, body_to(NOWHERE)), 404)
    problem(ann.client.get(f"/api/messages/{NOWHERE}"), 404)


def test_a_client_cannot_choose_what_is_the_server_s(ann: Person, bob: Person, eve: Person) -> None:
    forged = {
        "id": 10**12,
        "sender_id": eve.id,
        "created_at": "2001-01-01T00:00:00Z",
        "revision": 9,
        "seq": 1,
        "reactions": [1],
    }
    message = ok(post(ann, body_to(bob) | forged), 201)

    assert (message["sender_id"], message["revision"], message["reactions"]) == (ann.id, 1, [])
    assert message["id"] != forged["id"]
    assert not message["created_at"].startswith("2001")


def test_the_same_client_id_is_the_same_message(ann: Person, bob: Person, eve: Person) -> None:
    body = body_to(bob, "once")
    first = ok(post(ann, body), 201)

    assert ok(post(ann, body)) == first
    assert ok(post(ann, body | {"text": "another text"})) == first
    assert ok(post(ann, body | {"client_id": body["client_id"].upper()})) == first
    assert ok(post(ann, body | {"receiver_id": eve.id})) == first
    assert ok(post(ann, body | {"receiver_id": NOWHERE})) == first
    assert ok(post(ann, body | {"reply_to_id": NOWHERE})) == first
    assert ok(post(ann, body | {"attachment_ids": [str(uuid4())]})) == first
    problem(post(ann, body | {"text": "x" * 8_001}), 422)
    assert [message["id"] for message in history(bob, ann, limit=2)["items"]].count(first["id"]) == 1


def test_the_same_client_id_of_somebody_else_is_another_message(ann: Person, bob: Person) -> None:
    body = body_to(bob, "mine")
    first = ok(post(ann, body), 201)
    second = ok(post(bob, body | {"receiver_id": ann.id}), 201)
    assert first["id"] != second["id"]


def test_trying_again_brings_the_message_as_it_is_now(ann: Person, bob: Person) -> None:
    body = body_to(bob, "first")
    path = f"/api/messages/{ok(post(ann, body), 201)['id']}"

    ok(ann.client.patch(path, json={"text": "second"}))
    assert ok(post(ann, body))["text"] == "second"
    ok(ann.client.delete(path), 204)
    again = ok(post(ann, body))
    assert (again["text"], again["revision"]) == (None, 3)
    assert again["deleted_at"]


def test_trying_again_works_behind_a_block(fresh_ann: Person, fresh_bob: Person) -> None:
    body = body_to(fresh_bob, "before")
    first = ok(post(fresh_ann, body), 201)
    ok(fresh_bob.client.put(f"/api/blocks/{fresh_ann.id}"), 204)

    assert ok(post(fresh_ann, body)) == first
    problem(post(fresh_ann, body_to(fresh_bob)), 403, "blocked")


def test_parallel_tries_on_every_process_are_one_message(fresh_ann: Person, bob: Person, chat_urls: list[str]) -> None:
    body, before = body_to(bob, "once"), position(bob)

    def attempt(url: str) -> httpx2.Response:
        return fresh_ann.client.post(f"{url}/api/messages", json=body)

    answers = in_parallel([partial(attempt, url) for url in chat_urls * 6])

    assert sorted(answer.status_code for answer in answers) == [200] * (len(answers) - 1) + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(history(bob, fresh_ann)["items"]) == 1
    assert len(events_after(bob, before)) == 1


def test_a_reply_is_to_a_message_of_this_conversation(ann: Person, bob: Person, eve: Person) -> None:
    here, elsewhere, not_mine = send(ann, bob), send(ann, eve), send(eve, bob)

    assert send(bob, ann, reply_to_id=here["id"])["reply_to_id"] == here["id"]
    for other in (elsewhere["id"], not_mine["id"], NOWHERE):
        problem(post(ann, body_to(bob, reply_to_id=other)), 404)


def test_notes_to_oneself_are_one_event_and_never_unread(fresh_ann: Person) -> None:
    before = position(fresh_ann)
    note = send(fresh_ann, fresh_ann, "remember")

    assert [event["type"] for event in events_after(fresh_ann, before)] == ["message.created"]
    assert history(fresh_ann, fresh_ann)["items"] == [note]
    mine = conversation(fresh_ann, fresh_ann)
    assert (mine["last_message"], mine["unread_count"]) == (note, 0)
    ok(fresh_ann.client.delete(f"/api/messages/{note['id']}"), 204)


def test_a_message_counts_only_for_the_two(ann: Person, bob: Person, eve: Person) -> None:
    message = send(ann, bob, "between us")
    for page in (history(eve, ann), history(eve, bob)):
        assert message["id"] not in [item["id"] for item in page["items"]]
    path = f"/api/messages/{message['id']}"
    problem(eve.client.patch(path, json={"text": "mine"}), 404)
    problem(eve.client.delete(path), 404)
    problem(eve.client.put(f"{path}/reactions/👍"), 404)
    problem(eve.client.post(f"/api/conversations/{ann.id}/read", json={"message_id": message["id"]}), 404)
    problem(post(eve, body_to(bob, reply_to_id=message["id"])), 404)
    assert ok(eve.client.get("/api/search", params={"q": "between us"}))["items"] == []


def test_answers_are_not_cached(ann: Person, bob: Person) -> None:
    for answer in (ann.client.get(f"/api/messages/{bob.id}"), ann.client.post("/api/messages", json=body_to(bob))):
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_header_in_any_case_is_a_bearer_token(ann: Person, visitor: httpx2.Client) -> None:
    ok(visitor.get("/api/conversations", headers=bearer(ann.token)))
    ok(visitor.get("/api/conversations", headers={"authorization": f"bearer {ann.token}"}))
