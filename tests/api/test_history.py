"""Reading a conversation, page by page, from any place."""

from typing import Any

import pytest

from tests.api.calls import Json, history, ok, problem, send
from tests.stack.people import Person

COUNT = 12


@pytest.fixture(scope="module")
def ids(ann: Person, bob: Person, eve: Person) -> list[int]:
    """A conversation of twelve, with others' messages in between."""
    found = []
    for number in range(COUNT):
        sender, receiver = (ann, bob) if number % 3 else (bob, ann)
        found.append(send(sender, receiver, f"message {number}")["id"])
        send(eve, bob, "noise")
    return found


def ids_of(page: Json) -> list[int]:
    return [message["id"] for message in page["items"]]


def ends(page: Json) -> tuple[bool, bool]:
    return page["has_more_before"], page["has_more_after"]


def test_without_a_position_it_is_the_newest_in_ascending_order(ann: Person, bob: Person, ids: list[int]) -> None:
    everything, newest = history(ann, bob), history(ann, bob, limit=5)

    assert everything.keys() == {"items", "has_more_before", "has_more_after"}
    assert (ids_of(everything), ends(everything)) == (ids, (False, False))
    assert (ids_of(newest), ends(newest)) == (ids[-5:], (True, False))
    assert history(bob, ann)["items"] == everything["items"]


def test_before_is_exclusive_and_reads_backwards(ann: Person, bob: Person, ids: list[int]) -> None:
    page = history(ann, bob, before=ids[6], limit=3)
    assert (ids_of(page), ends(page)) == (ids[3:6], (True, True))
    first = history(ann, bob, before=ids[3], limit=3)
    assert (ids_of(first), ends(first)) == (ids[:3], (False, True))
    assert ids_of(history(ann, bob, before=ids[0])) == []
    assert ends(history(ann, bob, before=ids[0])) == (False, True)


def test_after_is_exclusive_and_reads_forwards(ann: Person, bob: Person, ids: list[int]) -> None:
    page = history(ann, bob, after=ids[6], limit=3)
    assert (ids_of(page), ends(page)) == (ids[7:10], (True, True))
    last = history(ann, bob, after=ids[8], limit=3)
    assert (ids_of(last), ends(last)) == (ids[9:], (True, False))
    assert ids_of(history(ann, bob, after=ids[-1])) == []
    assert ends(history(ann, bob, after=ids[-1])) == (True, False)
    assert ids_of(history(ann, bob, after=0)) == ids


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, COUNT - 1, COUNT, 100])
@pytest.mark.parametrize("index", [0, 1, 5, COUNT - 2, COUNT - 1])
def test_around_has_the_message_itself(ann: Person, bob: Person, ids: list[int], index: int, limit: int) -> None:
    page = history(ann, bob, around=ids[index], limit=limit)
    found = ids_of(page)

    assert ids[index] in found
    assert len(found) <= limit
    start = ids.index(found[0])
    assert found == ids[start : start + len(found)]
    assert ends(page) == (start > 0, start + len(found) < COUNT)


def test_around_what_is_not_here_shows_its_neighbours(ann: Person, bob: Person, ids: list[int]) -> None:
    found = ids_of(history(ann, bob, around=ids[5] + 1, limit=4))
    assert set(found) <= set(ids)
    assert found == sorted(found)


@pytest.mark.parametrize("limit", [1, 5, 12])
def test_paging_either_way_meets_every_message_once(ann: Person, bob: Person, ids: list[int], limit: int) -> None:
    backwards: list[int] = []
    page = history(ann, bob, limit=limit)
    backwards = ids_of(page)
    while page["has_more_before"]:
        page = history(ann, bob, before=backwards[0], limit=limit)
        backwards = ids_of(page) + backwards
    forwards: list[int] = []
    more = True
    while more:
        page = history(ann, bob, after=forwards[-1] if forwards else 0, limit=limit)
        forwards += ids_of(page)
        more = page["has_more_after"]
    assert backwards == forwards == ids


@pytest.mark.parametrize("limit", ["0", "101", "-1", "abc", "", "1.5", "9" * 30, "٣", "1e1", "0x10"])
def test_a_limit_outside_of_1_to_100_is_422(ann: Person, bob: Person, limit: str) -> None:
    problem(ann.client.get(f"/api/messages/{bob.id}", params={"limit": limit}), 422)


@pytest.mark.parametrize(
    "query", [{"before": 5, "after": 5}, {"around": 5, "before": 5}, {"before": 1, "after": 2, "around": 3}]
)
def test_two_positions_are_422(ann: Person, bob: Person, query: dict[str, Any]) -> None:
    problem(ann.client.get(f"/api/messages/{bob.id}", params=query), 422)


@pytest.mark.parametrize("value", ["-1", "abc", "1.5", "9" * 30, "", str(2**63), "null", "1;2"])
@pytest.mark.parametrize("key", ["before", "after", "around"])
def test_a_position_is_an_id(ann: Person, bob: Person, key: str, value: str) -> None:
    problem(ann.client.get(f"/api/messages/{bob.id}", params={key: value}), 422)


def test_with_a_stranger_there_is_an_empty_page(ann: Person, fresh_bob: Person) -> None:
    assert ok(ann.client.get(f"/api/messages/{fresh_bob.id}")) == {
        "items": [],
        "has_more_before": False,
        "has_more_after": False,
    }
