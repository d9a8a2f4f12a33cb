"""Editing, deleting and reacting."""

from functools import partial
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from tests.api.calls import NOWHERE, TIME, Json, history, in_parallel, ok, problem, send
from tests.stack.people import Person


def path_of(message: Json) -> str:
    return f"/api/messages/{message['id']}"


def edit(person: Person, message: Json, **body: Any) -> httpx2.Response:
    return person.client.patch(path_of(message), json=body)


def react(person: Person, message: Json, emoji: str, method: str = "PUT") -> httpx2.Response:
    return person.client.request(method, f"{path_of(message)}/reactions/{quote(emoji, safe='')}")


def now(person: Person, peer: Person, message: Json) -> Json:
    (item,) = history(person, peer, around=message["id"], limit=1)["items"]
    return dict(item)


def test_an_edit_changes_the_text_and_counts(ann: Person, bob: Person) -> None:
    message = send(ann, bob, "first")
    edited = ok(edit(ann, message, text="second"))

    assert TIME.fullmatch(edited["edited_at"])
    assert edited == message | {"text": "second", "revision": 2, "edited_at": edited["edited_at"]}
    assert ok(edit(ann, message, text="third", revision=2))["revision"] == 3
    assert now(bob, ann, message)["text"] == "third"


def test_an_edit_of_an_older_revision_is_stale(ann: Person, bob: Person) -> None:
    message = send(ann, bob, "first")
    ok(edit(ann, message, text="second", revision=1))

    for revision in (1, 3, 1000):
        problem(edit(ann, message, text="lost", revision=revision), 409, "stale_revision")
    assert now(ann, bob, message)["text"] == "second"


def test_of_parallel_edits_of_a_revision_one_wins(ann: Person, bob: Person, chat_urls: list[str]) -> None:
    message = send(ann, bob, "first")

    def attempt(number: int) -> int:
        url = chat_urls[number % len(chat_urls)] + path_of(message)
        return ann.client.patch(url, json={"text": f"edit {number}", "revision": 1}).status_code

    statuses = in_parallel([partial(attempt, number) for number in range(9)])

    assert sorted(statuses) == [200] + [409] * 8
    assert now(bob, ann, message)["revision"] == 2


def test_only_the_author_edits(ann: Person, bob: Person, eve: Person) -> None:
    message = send(ann, bob, "mine")
    problem(edit(bob, message, text="yours"), 403)
    problem(edit(eve, message, text="anyone's"), 404)
    problem(edit(ann, {"id": NOWHERE}, text="nothing"), 404)
    assert now(ann, bob, message) == message


@pytest.mark.parametrize("text", [None, "", " \n", "x" * 8001, "a\x00", 7, True, []])
def test_an_edit_needs_a_text(ann: Person, bob: Person, text: Any) -> None:
    problem(edit(ann, send(ann, bob), text=text), 422)


@pytest.mark.parametrize("revision", ["1", 1.0, True, 0, -1, 2**63, []])
def test_a_revision_is_a_positive_integer(ann: Person, bob: Person, revision: Any) -> None:
    problem(edit(ann, send(ann, bob), text="new", revision=revision), 422)


def test_a_deleted_message_keeps_its_place_and_nothing_else(ann: Person, bob: Person) -> None:
    message, after = send(ann, bob, "secret"), send(bob, ann, "next", reply_to_id=None)
    ok(react(bob, message, "👍"), 204)

    ok(ann.client.delete(path_of(message)), 204)
    ok(ann.client.delete(path_of(message)), 204)

    gone = now(bob, ann, message)
    assert TIME.fullmatch(gone["deleted_at"])
    assert gone == message | {"text": None, "revision": 2, "deleted_at": gone["deleted_at"]}
    assert [item["id"] for item in history(ann, bob, limit=2)["items"]] == [message["id"], after["id"]]


def test_only_the_author_deletes(ann: Person, bob: Person, eve: Person) -> None:
    message = send(ann, bob, "mine")
    problem(bob.client.delete(path_of(message)), 403)
    problem(eve.client.delete(path_of(message)), 404)
    problem(ann.client.delete(path_of({"id": NOWHERE})), 404)
    assert now(ann, bob, message) == message


def test_a_deleted_message_takes_no_change(ann: Person, bob: Person, eve: Person) -> None:
    message = send(ann, bob)
    ok(ann.client.delete(path_of(message)), 204)

    problem(edit(ann, message, text="back"), 409, "deleted")
    problem(edit(ann, message, text="back", revision=1), 409)
    for person in (ann, bob):
        problem(react(person, message, "👍"), 409, "deleted")
    problem(edit(bob, message, text="back"), 403)
    problem(edit(eve, message, text="back"), 404)
    problem(react(eve, message, "👍"), 404)
    assert now(ann, bob, message)["text"] is None


EMOJI = ["👍", "❤️", "👍🏽", "🇺🇦", "👨‍👩‍👧‍👦", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🫡"]


@pytest.mark.parametrize("emoji", EMOJI)
def test_any_one_emoji_is_a_reaction(ann: Person, bob: Person, emoji: str) -> None:
    message = send(ann, bob)
    ok(react(bob, message, emoji), 204)

    assert now(ann, bob, message) == message | {"reactions": [{"emoji": emoji, "user_ids": [bob.id]}]}


@pytest.mark.parametrize(
    "emoji",
    ["a", "👍👍", "👍 ", " ", "<b>", "ok", "1", "🇺", "\u200d", "\ufe0f", "👍a", "é", "😀" * 50, "a\x00", "%", "."],
)
def test_what_is_not_one_emoji_is_422(ann: Person, bob: Person, emoji: str) -> None:
    message = send(ann, bob)
    for method in ("PUT", "DELETE"):
        answer = react(bob, message, emoji, method)
        if emoji == "a\x00":
            assert answer.status_code in (400, 422)  # a gateway may refuse %00 in a path itself
        elif emoji == ".":
            assert answer.status_code in (404, 405, 422)  # clients fold dots away
        else:
            problem(answer, 422)
    assert now(ann, bob, message)["reactions"] == []


def test_reactions_are_of_each_person_and_are_set_once(ann: Person, bob: Person) -> None:
    message = send(ann, bob)
    for person, emoji in ((ann, "👍"), (bob, "👍"), (bob, "👍"), (bob, "🎉")):
        ok(react(person, message, emoji), 204)

    reactions = {each["emoji"]: sorted(each["user_ids"]) for each in now(bob, ann, message)["reactions"]}
    assert reactions == {"👍": sorted([ann.id, bob.id]), "🎉": [bob.id]}

    for person, emoji in ((ann, "👍"), (ann, "👍"), (bob, "🎉"), (ann, "🚀")):
        ok(react(person, message, emoji, "DELETE"), 204)
    assert now(bob, ann, message) == message | {"reactions": [{"emoji": "👍", "user_ids": [bob.id]}]}


def test_parallel_reactions_do_not_lose_each_other(ann: Person, bob: Person, chat_urls: list[str]) -> None:
    message = send(ann, bob)
    wanted = ["😀", "😎", "🎉", "🚀", "🔥", "👀"]

    def attempt(person: Person, number: int) -> int:
        url = f"{chat_urls[number % len(chat_urls)]}{path_of(message)}/reactions/{quote(wanted[number])}"
        return person.client.put(url).status_code

    calls = [
        lambda person=person, number=number: attempt(person, number) for person in (ann, bob) for number in range(6)
    ]
    assert set(in_parallel(calls)) == {204}
    found = {each["emoji"]: sorted(each["user_ids"]) for each in now(ann, bob, message)["reactions"]}
    assert found == dict.fromkeys(wanted, sorted([ann.id, bob.id]))


def test_a_reaction_to_nothing_is_404(ann: Person) -> None:
    problem(react(ann, {"id": NOWHERE}, "👍"), 404)
    problem(react(ann, {"id": NOWHERE}, "👍", "DELETE"), 404)
