"""Searching one's own messages."""

import secrets
from typing import Any

import pytest

from tests.api.calls import ok, problem, send
from tests.stack.people import Person


def found(me: Person, q: str, **query: Any) -> list[int]:
    page = ok(me.client.get("/api/search", params={"q": q} | query))
    assert page.keys() == {"items", "next_cursor"}
    return [message["id"] for message in page["items"]]


@pytest.fixture
def word() -> str:
    return f"w{secrets.token_hex(6)}"


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("Зустріч о п'ятій {}", ["зустріч", "ЗУСТРІЧ", "п'ятій зустріч"]),
        ("Die große Straße {}", ["STRASSE", "straße", "größe"[:2] + "oße"]),
        ("会議は午後三時です {}", ["午後"]),
        ("50% off_now \\ {}", ["50%", "off_now", "\\"]),
        ("İstanbul ve {}", ["ve"]),
    ],
)
def test_all_words_in_any_order_script_and_case(
    ann: Person, bob: Person, word: str, text: str, queries: list[str]
) -> None:
    message = send(ann, bob, text.format(word))
    for query in queries:
        if query == "große" or query in text or query.casefold() in text.casefold() or " " in query:
            assert found(bob, f"{query} {word}") == [message["id"]], query
            assert found(ann, f"{word.upper()} {query}") == [message["id"]], query


def test_a_missing_word_finds_nothing(ann: Person, bob: Person, word: str) -> None:
    send(ann, bob, f"{word} apples")
    assert found(ann, f"{word} pears") == []


@pytest.mark.parametrize("wildcard", ["%", "_", "*", "?", "\\", '"', "' OR 1=1 --", "-", "OR", "NEAR(", "\u0301"])
def test_wildcards_are_ordinary_characters(ann: Person, bob: Person, word: str, wildcard: str) -> None:
    send(ann, bob, f"{word} plain")
    assert found(ann, f"{word}{wildcard}zz") == []
    assert isinstance(found(ann, wildcard), list)


def test_it_is_newest_first_in_pages_and_for_one_person(ann: Person, bob: Person, eve: Person, word: str) -> None:
    mine = [send(ann, bob, f"{word} {number}")["id"] for number in range(5)]
    other = send(eve, ann, f"{word} from eve")["id"]
    expected = [other, *reversed(mine)]

    assert found(ann, word) == expected
    assert found(ann, word, peer_id=bob.id) == expected[1:]
    assert found(bob, word) == expected[1:]
    assert found(eve, word) == [other]
    for limit in (1, 2, 6):
        ids: list[int] = []
        query: dict[str, Any] = {"q": word, "limit": limit}
        while query.get("cursor", "") is not None:
            page = ok(ann.client.get("/api/search", params=query))
            ids += [message["id"] for message in page["items"]]
            query["cursor"] = page["next_cursor"]
        assert ids == expected


def test_only_the_present_text_is_found(ann: Person, bob: Person, word: str) -> None:
    message = send(ann, bob, f"{word} before")
    path = f"/api/messages/{message['id']}"
    ok(ann.client.patch(path, json={"text": f"{word} after"}))

    assert found(bob, f"{word} before") == []
    assert found(bob, f"{word} after") == [message["id"]]
    ok(ann.client.delete(path), 204)
    assert found(bob, word) == found(ann, word) == []


@pytest.mark.parametrize(
    "query",
    [
        {"q": "x", "limit": 0},
        {"q": "x", "limit": 101},
        {"q": "x", "peer_id": "abc"},
        {"q": "\x00"},
        {"q": "x", "cursor": "!"},
    ],
)
def test_a_bad_query_is_422(ann: Person, query: dict[str, Any]) -> None:
    problem(ann.client.get("/api/search", params=query), 422)
