"""Finding messages: in a conversation and everywhere, by word and by date, and going there."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.people import Person
from tests.e2e.seeding import EVERY, Api, gather, seed
from tests.harness.servers import Embedded

MESSAGES = 1200
OLD = 100
"""Where in the conversation the rare word is; far from anything that is loaded at first."""


@dataclass
class World:
    """Olena searches in what she, Bohdan and Danylo wrote."""

    olena: Person
    hers: Api
    his: Api
    other: Api
    ids: list[int]

    @property
    def page(self) -> Page:
        """What Olena looks at."""
        return self.olena.page

    @property
    def panel(self) -> Locator:
        """The search panel."""
        return self.page.get_by_role("search", name="Пошук повідомлень")

    @property
    def hits(self) -> Locator:
        """What was found."""
        return self.panel.get_by_role("listitem")

    def open(self) -> None:
        """Open the conversation with Bohdan and its search."""
        self.page.goto(f"/chat/{self.his.id}")
        expect(self.olena.messages.first).to_be_attached()
        self.page.get_by_role("button", name="Пошук повідомлень").click()
        expect(self.panel.get_by_role("searchbox")).to_be_focused()

    def article(self, index: int) -> Locator:
        """A seeded message."""
        return self.page.locator(f'article[data-message-id="{self.ids[index]}"]')


@pytest.fixture(scope="module")
def world(browser: Browser) -> Iterator[World]:
    """1,200 messages with Bohdan, a few with Danylo."""
    chance = random.Random(1)
    with Embedded(env={"RATE_LIMITS": "off"}) as server:
        people = gather(browser, server, 1400)
        hers, his, other = (Api(person) for person in people)
        texts = [f"{number} " + "слово " * chance.randrange(1, 20) for number in range(MESSAGES)]
        texts[OLD] = "тут сховано скарб, і <b>ніхто</b> не знає про п’ятницю"
        ids = list(seed(server, hers.id, his.id, texts).ids)
        seed(server, hers.id, other.id, ["скарб Данила", "просто так"])
        yield World(people[0], hers, his, other, ids)
        for person in people:
            person.context.close()
        for person in people:
            assert person.errors == []
            assert person.strangers == []


def test_a_word_is_found_marked_and_shown_in_its_place(world: World) -> None:
    world.open()
    world.panel.get_by_role("searchbox").fill("П'ЯТНИЦ скарб")
    expect(world.hits).to_have_count(1)
    assert world.hits.locator("mark").all_inner_texts() == ["скарб", "п’ятниц"]
    expect(world.hits).to_contain_text("<b>ніхто</b>")
    world.page.keyboard.press("ArrowDown")
    expect(world.hits.get_by_role("link")).to_be_focused()
    world.page.keyboard.press("Enter")
    found = world.article(OLD)
    expect(found).to_be_in_viewport()
    row = found.locator("xpath=ancestor::*[@data-key]")
    expect(row).to_have_class(re.compile("bg-amber"))
    expect(row).not_to_have_class(re.compile("bg-amber"), timeout=6000)
    expect(world.page).to_have_url(re.compile(r"/chat/\d+$"))
    expect(world.panel).to_be_visible()
    world.page.keyboard.press("Escape")
    expect(world.panel).to_have_count(0)
    expect(world.page.get_by_role("button", name="Пошук повідомлень")).to_be_focused()


def test_without_an_open_conversation_the_list_finds_messages_too(world: World) -> None:
    world.page.goto("/chat")
    navigation = world.page.get_by_role("navigation")
    navigation.get_by_role("searchbox").fill("СКАРБ")
    hits = navigation.get_by_role("list", name="Знайдені повідомлення").get_by_role("link")
    expect(hits).to_have_count(2)
    expect(navigation.get_by_text("Нікого не знайдено")).to_be_visible()
    hits.filter(has_text="тут сховано").click()
    expect(world.article(OLD)).to_be_in_viewport()
    # Where both have room the results stay: the next one is one click away.
    hits.filter(has_text="Данила").click()
    expect(world.page.get_by_role("main").get_by_role("heading", name="Данило")).to_be_visible()


def test_from_there_one_reads_on_in_both_directions_and_comes_back(world: World) -> None:
    world.page.goto(f"/chat/{world.his.id}?message={world.ids[OLD]}")
    expect(world.article(OLD)).to_be_in_viewport()
    world.page.get_by_role("log").focus()
    for key, index in (("PageUp", OLD - 60), ("PageDown", OLD + 80)):
        for _ in range(60):
            world.page.keyboard.press(key)
            world.page.wait_for_timeout(60)
            if world.article(index).count():
                break
        expect(world.article(index)).to_be_attached()
    world.his.send(world.hers.id, "новина")
    down = world.page.get_by_role("button", name=re.compile("1 нове повідомлення"))
    down.click()
    expect(world.olena.message("новина")).to_be_in_viewport()


def test_everything_is_searched_and_the_panel_stays(world: World) -> None:
    world.open()
    world.panel.get_by_role("searchbox").fill("скарб")
    expect(world.hits).to_have_count(1)
    world.panel.get_by_text("Усюди").click()
    expect(world.hits).to_have_count(2)
    world.hits.filter(has_text="Данила").get_by_role("link").click()
    expect(world.page).to_have_url(re.compile(rf"/chat/{world.other.id}$"))
    expect(world.olena.message("скарб Данила")).to_be_in_viewport()
    expect(world.hits).to_have_count(2)
    world.hits.filter(has_text="сховано").get_by_role("link").click()
    expect(world.article(OLD)).to_be_in_viewport()


def test_results_come_in_pages(world: World) -> None:
    world.open()
    world.panel.get_by_role("searchbox").fill("слово")
    expect(world.hits).to_have_count(20)
    world.hits.last.scroll_into_view_if_needed()
    expect(world.hits).to_have_count(40)


def test_nothing_found_is_said(world: World) -> None:
    world.open()
    world.panel.get_by_role("searchbox").fill("такогословаточнонемає")
    expect(world.panel.get_by_role("status").first).to_contain_text("Нічого не знайдено")


def test_what_is_deleted_is_not_found_any_more(world: World) -> None:
    message = world.his.send(world.hers.id, "таємниця на годину")
    world.open()
    world.panel.get_by_role("searchbox").fill("таємниця")
    expect(world.hits).to_have_count(1)
    world.his.delete(message["id"])
    expect(world.hits).to_have_count(0)


def test_one_goes_to_a_day(world: World) -> None:
    world.open()
    newest = datetime.now(UTC) - timedelta(minutes=30)
    day = (newest - EVERY * (MESSAGES - OLD)).date()
    world.panel.get_by_label("Дата").fill(day.isoformat())
    world.panel.get_by_role("button", name="Перейти").click()
    line = world.page.locator(f'[data-day-line] time[datetime="{day.isoformat()}"]')
    expect(line).to_be_in_viewport()
    world.panel.get_by_label("Дата").fill("2099-01-01")
    world.panel.get_by_role("button", name="Перейти").click()
    expect(world.page.get_by_text("З того дня повідомлень немає")).to_be_visible()


def test_a_quote_leads_to_what_was_quoted(world: World) -> None:
    world.his.send(world.hers.id, "пам’ятаєш?", reply_to_id=world.ids[OLD])
    world.page.goto(f"/chat/{world.his.id}")
    world.olena.message("пам’ятаєш?").get_by_role("button").first.click()
    expect(world.article(OLD)).to_be_in_viewport()


def test_the_panel_makes_room_on_a_small_screen(world: World) -> None:
    world.page.set_viewport_size({"width": 360, "height": 700})
    world.open()
    assert world.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    world.panel.get_by_role("searchbox").fill("скарб")
    world.hits.get_by_role("link").click()
    expect(world.panel).to_have_count(0)
    expect(world.article(OLD)).to_be_in_viewport()
    world.page.set_viewport_size({"width": 1400, "height": 800})


def test_the_key_for_finding_opens_it(world: World) -> None:
    world.page.goto(f"/chat/{world.his.id}")
    expect(world.olena.composer).to_be_focused()
    world.page.keyboard.press("Control+f")
    expect(world.panel.get_by_role("searchbox")).to_be_focused()
