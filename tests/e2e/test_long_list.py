"""More conversations than one page of them: those further down open, live and move up like all others."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.people import PASSWORD, Person
from tests.e2e.seeding import Api, gather, seed
from tests.harness.servers import Embedded

OTHERS = 55
"""Conversations that are newer; a page has 50."""
UNREAD = 120


@dataclass
class World:
    """Olena has written with many people since Bohdan wrote her."""

    olena: Person
    bohdan: Person
    hers: Api
    his: Api
    other: Api
    """Danylo, whom she has never written to."""

    @property
    def rows(self) -> Locator:
        """The conversations in her list."""
        return self.olena.page.get_by_role("list", name="Список розмов").get_by_role("listitem")


@pytest.fixture
def world(browser: Browser) -> Iterator[World]:
    """Each test moves conversations, so each has a server of its own."""
    with Embedded(env={"RATE_LIMITS": "off"}) as server:
        people = gather(browser, server, 1280)
        hers, his, other = (Api(person) for person in people)
        seed(server, hers.id, his.id, [f"лист {number}" for number in range(UNREAD)], read=False)
        for number in range(OTHERS):
            seed(server, hers.id, _register(people[0], number), [f"вітання {number}"])
        yield World(people[0], people[1], hers, his, other)
        for person in people:
            person.context.close()
            assert person.errors == []


def _register(olena: Person, number: int) -> int:
    name = f"{olena.name}_{number}"
    account = {"username": name, "email": f"{name}@example.com", "password": PASSWORD, "display_name": f"Друг {number}"}
    answer = olena.context.request.post("/api/auth/register", data=account)
    assert answer.ok, answer.text()
    found: int = answer.json()["id"]
    return found


def test_one_further_down_opens_where_reading_had_stopped(world: World) -> None:
    page = world.olena.page
    page.goto(f"/chat/{world.his.id}")
    expect(page.get_by_role("log").get_by_text("Нові повідомлення")).to_be_visible()
    expect(world.olena.message("лист 0").first).to_be_in_viewport()
    expect(world.rows).to_have_count(50)


def test_it_moves_up_when_something_is_written_there(world: World) -> None:
    page = world.olena.page
    page.goto(f"/chat/{world.his.id}")
    expect(world.rows).to_have_count(50)
    page.get_by_role("main").get_by_role("heading", name="Богдан").wait_for()
    world.his.send(world.hers.id, "знову тут")
    expect(world.rows.first).to_contain_text("Богдан")
    expect(world.rows.first).to_contain_text("знову тут")
    page.get_by_role("navigation").get_by_role("button", name="Показати ще").click()
    expect(world.rows).to_have_count(OTHERS + 1)
    names = world.rows.get_by_role("link").evaluate_all("(links) => links.map((link) => link.getAttribute('href'))")
    assert len(set(names)) == OTHERS + 1


def test_somebody_never_written_to_is_no_error(world: World) -> None:
    page = world.olena.page
    page.goto(f"/chat/{world.other.id}")
    page.get_by_role("main").get_by_role("heading", name="Данило").wait_for()
    world.other.send(world.hers.id, "привіт, це я")
    expect(world.rows.first).to_contain_text("привіт, це я")
    expect(world.rows).to_have_count(50)


def test_who_is_gone_and_further_down_is_found_without_an_error(world: World) -> None:
    world.bohdan.close_tab()
    world.his.leave()
    page = world.olena.page
    page.goto("/chat")
    expect(world.rows).to_have_count(50)
    page.get_by_role("navigation").get_by_role("searchbox").fill("лист 7")
    hit = page.get_by_role("navigation").get_by_role("listitem").filter(has_text="лист 77")
    expect(hit).to_contain_text("Видалений обліковий запис")
