"""What somebody wrote stays in sight of all their tabs, from the moment it is written."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.conftest import Meet
from tests.e2e.offline import BLOCKED, NO_NETWORK, TEXTS, go_offline, meet_on_a_line
from tests.e2e.people import ARRIVED, Person


@pytest.fixture
def pair(meet: Meet) -> tuple[Person, Person]:
    """One of whom loses the connection."""
    return meet_on_a_line(meet)


NEVER_FEWER = """log => {
    const count = () => log.querySelectorAll("article").length
    window.mostSeen = count()
    window.vanished = 0
    new MutationObserver(() => {
        if (count() < window.mostSeen) window.vanished += 1
        window.mostSeen = Math.max(window.mostSeen, count())
    }).observe(log, { childList: true, subtree: true })
}"""
"""Counts the moments in which fewer messages are there than before."""


def test_what_leaves_before_the_conversation_is_loaded_stays_in_sight(pair: tuple[Person, Person]) -> None:
    olena, bohdan = pair
    go_offline(olena)
    for text in TEXTS:
        olena.send(text)
    address = olena.close_tab()
    held: list[Route] = []
    history = re.compile(r"/api/messages/\d+\?")
    olena.context.route(history, lambda route: held.append(route))  # noqa: PLW0108 — the driver looks into it
    olena.context.route(BLOCKED, lambda route: route.abort("internetdisconnected"))
    olena.context.set_offline(False)
    olena.open_tab(address)
    expect(olena.messages).to_have_count(len(TEXTS))
    olena.page.get_by_role("log").evaluate(NEVER_FEWER)
    olena.line.mend()
    expect(bohdan.messages).to_have_count(len(TEXTS), timeout=40_000)
    assert [text.split()[0] for text in olena.read_all()] == TEXTS

    olena.context.unroute(history)
    for route in held:
        route.continue_()
    expect(olena.messages.last).to_have_attribute("data-state", "read")
    assert [text.split()[0] for text in olena.read_all()] == TEXTS
    assert olena.page.evaluate("vanished") == 0
    assert [row["text"] for row in bohdan.rows(olena)] == TEXTS
    olena.forgive(*NO_NETWORK)


def test_a_message_stays_in_sight_of_every_tab_while_it_is_sent(pair: tuple[Person, Person]) -> None:
    olena, _ = pair
    second = olena.context.new_page()
    second.goto(olena.page.url)
    log = second.get_by_role("log")
    expect(log).to_contain_text("Тут поки тихо")
    for each in (log, olena.page.get_by_role("log")):
        each.evaluate(NEVER_FEWER)
    texts = [f"{number}." for number in range(1, 11)]
    for text in texts:
        olena.composer.fill(text)
        olena.composer.press("Enter")
    expect(log.get_by_role("article")).to_have_count(len(texts))
    expect(log.get_by_role("article").last).to_have_attribute("data-state", "read")
    assert [page.evaluate("vanished") for page in (olena.page, second)] == [0, 0]
    assert [row["text"] for row in olena.rows(pair[1])] == texts


def test_what_is_written_in_a_conversation_that_could_not_be_read_yet_arrives_and_says_so(
    pair: tuple[Person, Person], meet: Meet
) -> None:
    olena, _ = pair
    vira = meet("Віра")
    vira.register()
    vira.find(olena)
    vira.send("привіт")
    row = olena.page.get_by_role("navigation").get_by_role("link", name="Віра")
    expect(row).to_contain_text("привіт")
    go_offline(olena)
    row.click()
    expect(olena.page.get_by_role("main").get_by_role("heading")).to_contain_text("Віра")
    sent = olena.send("і тобі")
    expect(sent).to_have_attribute("data-state", "sending")
    olena.line.mend()
    expect(olena.message("привіт")).to_be_visible(timeout=40_000)
    expect(sent).to_have_attribute("data-state", ARRIVED, timeout=20_000)
    expect(olena.messages).to_have_count(2)
    olena.forgive(*NO_NETWORK)
