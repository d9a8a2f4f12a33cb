"""People search and single people."""

import secrets
from typing import Any

import pytest

from tests.api.calls import NOWHERE, USER_KEYS, ok, problem
from tests.api.conftest import Newcomer
from tests.stack.people import Person


def found(me: Person, q: str, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = ok(me.client.get("/api/users", params={"q": q} | query))["items"]
    return items


def call(person: Person, name: str) -> Person:
    ok(person.client.patch("/api/users/me", json={"display_name": name}))
    return person


@pytest.fixture(scope="module")
def tag() -> str:
    return secrets.token_hex(5)


@pytest.fixture(scope="module")
def crowd(newcomer: Newcomer, tag: str) -> list[Person]:
    """Seven people whose names share a word."""
    return [call(newcomer(), f"{letter} crowd{tag}") for letter in "gfedcba"]


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("Їжачок {}", ["їжачок {}", "ЇЖАЧОК {}", "жачо", "{}"]),
        ("Straße {}", ["straße {}", "STRASSE {}", "traß"]),
        ("山田太郎 {}", ["山田", "太郎 {}"]),
        ("Anna Kovalenko {}", ["anna", "KOVALENKO {}", "kov", "anna kov"]),
        ("Ζωή {}", ["ζωή {}", "ΖΩΉ {}"]),
    ],
)
def test_a_person_is_found_by_parts_of_the_name_in_any_case(
    newcomer: Newcomer, ann: Person, name: str, queries: list[str]
) -> None:
    word = secrets.token_hex(5)
    person = call(newcomer(), name.format(word))
    for query in queries:
        pages = [found(ann, query.format(word), limit=100)]
        assert person.id in {user["id"] for page in pages for user in page}, query


def test_a_person_is_found_by_the_username(ann: Person, bob: Person) -> None:
    for part in (bob.name, bob.name.upper(), bob.name[3:], bob.name[:-2]):
        assert bob.id in {user["id"] for user in found(ann, part)}


def test_others_are_users_without_an_address_and_i_am_not_among_them(ann: Person, bob: Person) -> None:
    everyone: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 100}
    while query.get("cursor", "") is not None:
        page = ok(ann.client.get("/api/users", params=query))
        assert page.keys() == {"items", "next_cursor"}
        everyone += page["items"]
        query["cursor"] = page["next_cursor"]

    ids = [user["id"] for user in everyone]
    assert len(ids) == len(set(ids))
    assert bob.id in ids
    assert ann.id not in ids
    assert all(user.keys() == USER_KEYS for user in everyone)
    assert not any("@" in str(user) for user in everyone)
    assert found(ann, ann.name) == []


def test_an_address_finds_nobody(ann: Person, bob: Person) -> None:
    assert found(ann, f"{bob.name}@example.com") == []
    assert found(ann, "example.com") == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_of_people_are_complete_and_in_order(ann: Person, crowd: list[Person], tag: str, limit: int) -> None:
    names, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        query: dict[str, Any] = {"q": f"crowd{tag}", "limit": limit} | ({"cursor": cursor} if cursor else {})
        page = ok(ann.client.get("/api/users", params=query))
        assert len(page["items"]) <= limit
        names += [user["display_name"] for user in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
        assert pages < 10
    assert names == [f"{letter} crowd{tag}" for letter in "abcdefg"]


def test_wildcards_are_ordinary_characters(newcomer: Newcomer, ann: Person) -> None:
    word = secrets.token_hex(5)
    call(newcomer(), f"plain {word}")
    percent = call(newcomer(), f"100%_\\ {word}")

    for query in ("%", "_", "\\", "100%_\\"):
        assert {user["id"] for user in found(ann, f"{query} {word}")} <= {percent.id}, query
    assert found(ann, f"pl_in {word}") == []
    assert found(ann, f"%{word}") == []


@pytest.mark.parametrize("query", ["' OR 1=1 --", "\\", "💥", "a" * 180, "*", '"', "NOT", "a OR b", "(", "\u202e"])
def test_hostile_words_find_nobody_and_break_nothing(ann: Person, query: str) -> None:
    assert isinstance(found(ann, secrets.token_hex(8) + query), list)


@pytest.mark.parametrize("limit", ["0", "-1", "101", "abc", "1.5", "9" * 30, "", "٣", "null"])
def test_a_limit_outside_of_1_to_100_is_422(ann: Person, limit: str) -> None:
    problem(ann.client.get("/api/users", params={"limit": limit}), 422)


def test_one_person_has_an_address_of_their_own(ann: Person, bob: Person) -> None:
    user = ok(ann.client.get(f"/api/users/{bob.id}"))
    assert (user["id"], user["username"], user.keys()) == (bob.id, bob.name, USER_KEYS)
    problem(ann.client.get(f"/api/users/{NOWHERE}"), 404, "not_found")


@pytest.mark.parametrize("user_id", ["0", "-1", "1.0", "abc", "9" * 25, "1e3", "%20", str(2**63), "٣"])
def test_what_is_no_id_is_nobody(ann: Person, user_id: str) -> None:
    assert ann.client.get(f"/api/users/{user_id}").status_code in (404, 422)
