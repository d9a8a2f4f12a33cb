"""What one sees of a large history: from the click on a conversation of 100,000 messages until it is painted."""

from playwright.sync_api import Browser, expect, sync_playwright

from bench.options import Options
from bench.results import Results, percentile
from tests.e2e.conftest import ARGUMENTS
from tests.e2e.people import Person
from tests.e2e.seeding import Api, gather, seed
from tests.e2e.switching import SWITCH
from tests.harness.chromium import find_chromium
from tests.harness.servers import Embedded

SWITCHING, SHAPE = "switching conversations", "one process, SQLite, Chromium"
LARGE, SMALL, SWITCHES = 100_000, 2_000, 40


def run(results: Results, options: Options) -> None:
    """Cold after a reload of the page, then cached."""
    large, switches = (SMALL, 4) if options.quick else (LARGE, SWITCHES)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        with Embedded(env={"RATE_LIMITS": "off"}) as server:
            _one_run(results, browser, server, large, switches)
        browser.close()


def _one_run(results: Results, browser: Browser, server: Embedded, large: int, switches: int) -> None:
    people = gather(browser, server, 1280)
    me, big, other = (Api(person) for person in people)
    seed(server, me.id, big.id, [f"message {number}" for number in range(large)])
    seed(server, me.id, other.id, [f"message {number}" for number in range(SMALL)])
    cold, cached = [], []
    for _ in range(switches):
        people[0].page.goto(f"/chat/{other.id}")
        expect(people[0].messages.first).to_be_attached()
        cold.append(_switch(people[0], big.id))
        cached.append(_switch(people[0], other.id))
        cached.append(_switch(people[0], big.id))
    for name, times in (("cold", cold), ("cached", cached)):
        figures = {"p50 ms": percentile(times, 50), "p95 ms": percentile(times, 95), "n": float(len(times))}
        results.add(SWITCHING, SHAPE, f"{name}, {large:,} messages", **figures)
    for person in people:
        person.context.close()


def _switch(person: Person, peer_id: int) -> float:
    shown = person.page.locator("[role=log] article").first.get_attribute("data-message-id")
    took: float = person.page.evaluate(SWITCH, [peer_id, shown])
    return took
