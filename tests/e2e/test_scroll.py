"""Long conversations: few rows in the page, nothing moves under the reader's eyes, everything is found again."""

import random
import re
import statistics
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.people import Person
from tests.e2e.seeding import Api, attach, gather, seed
from tests.e2e.switching import SWITCH
from tests.e2e.watching import GROW_ABOVE, SETTLE, UNWATCH, WATCH
from tests.e2e.world import Thumbnails, World, some_picture, some_text, wheel
from tests.harness.servers import Embedded

SEED = 20261123
MESSAGES = 5000
DISTURBANCES = 100
MAX_ROWS = 300
GROWTHS = 24
PICTURES = 12
# The peer's messages that are drawn and not deleted.
DRAWN = """() => [...document.querySelectorAll("[role=log] article:not([data-own]):has([aria-haspopup=menu])")]
    .map((item) => Number(item.dataset.messageId))"""


@pytest.fixture(scope="module")
def world(browser: Browser) -> Iterator[World]:
    """A server with 5,000 messages of two people, and 400 with a third."""
    chance = random.Random(SEED)
    with Embedded(env={"RATE_LIMITS": "off"}) as server:
        people = gather(browser, server, 1280)
        hers, his, other = (Api(person) for person in people)
        ids = list(seed(server, hers.id, his.id, [f"{number} {some_text(chance)}" for number in range(MESSAGES)]).ids)
        seed(server, hers.id, other.id, [f"Данило {number} {some_text(chance)}" for number in range(400)])
        for number in range(PICTURES):
            file = his.upload(f"світлина {number}.png", some_picture(chance), "image/png")
            attach(server, file, ids[-200 - 9 * number])
        yield World(server, *people, hers, his, other, ids, chance)
        for person in people:
            person.context.close()
        for person in people:
            person.forgive("/thumbnail")  # held back until its message was deleted
            assert person.errors == []


def _rows(person: Person) -> int:
    return person.messages.count()


def _disturbances(world: World, thumbnails: Thumbnails) -> dict[str, Callable[[str], None]]:
    page, his, chance = world.page, world.his, world.chance

    def somebody(anchor: str) -> int:
        drawn = [id_ for id_ in page.evaluate(DRAWN) if str(id_) != anchor]
        found: int = chance.choice(drawn)
        return found

    def edit_itself(anchor: str) -> None:
        if int(anchor) in page.evaluate(DRAWN):
            his.edit(int(anchor), some_text(chance))

    def resize(_: str) -> None:
        page.set_viewport_size({"width": 1280, "height": chance.randrange(560, 1000)})

    older = page.get_by_role("button", name="Завантажити давніші")

    def prepend(_: str) -> None:
        with page.expect_response(lambda response: "before=" in response.url):
            older.evaluate("button => button.click()")

    def write(_: str) -> None:
        world.bohdan.composer.press_sequentially("так")
        expect(page.get_by_role("main").get_by_text("Богдан пише…")).to_be_visible()
        world.bohdan.composer.fill("")

    return {
        "incoming": lambda _: void(his.send(world.hers.id, some_text(chance))),
        "own elsewhere": lambda _: void(world.hers.send(his.id, some_text(chance))),
        "edit": lambda anchor: his.edit(somebody(anchor), some_text(chance)),
        "edit of the first itself": edit_itself,
        "reaction": lambda anchor: his.react(somebody(anchor), chance.choice("👍🔥🎉")),
        "delete": lambda anchor: his.delete(somebody(anchor)),
        "typing": write,
        "picture": lambda _: thumbnails.release(),
        "height": resize,
        "older page": prepend,
    }


def void(_: object) -> None:
    """A disturbance has no result."""


def test_nothing_moves_what_is_being_read(world: World) -> None:
    page, chance = world.page, world.chance
    thumbnails = Thumbnails(page)
    world.bohdan.page.goto(f"/chat/{world.hers.id}")
    expect(world.bohdan.composer).to_be_visible()
    world.open(world.his)
    for _ in range(6):
        wheel(page, -1500)
    disturbances = _disturbances(world, thumbnails)
    moved: list[tuple[float, str]] = []
    most_rows = 0
    kinds = list(disturbances)
    for number in range(DISTURBANCES):
        name = kinds[number] if number < len(kinds) else chance.choice(kinds)
        if chance.random() < 0.3:
            wheel(page, chance.choice([-900, -400, 250]))
        anchor = page.evaluate(WATCH)
        disturbances[name](anchor)
        page.evaluate(SETTLE)
        worst, rows = page.evaluate(UNWATCH)
        moved.append((worst, name))
        most_rows = max(most_rows, rows)
    thumbnails.release_all()
    page.unroute(re.compile("/thumbnail"))
    page.set_viewport_size({"width": 1280, "height": 800})
    worst_by_kind = {name: max((m for m, n in moved if n == name), default=0.0) for name in disturbances}
    print(f"\n{DISTURBANCES} disturbances: worst {max(moved)}, by kind {worst_by_kind}; at most {most_rows} rows")
    assert max(moved)[0] <= 1, worst_by_kind
    assert most_rows <= MAX_ROWS


def test_fractions_of_pixels_do_not_add_up(world: World) -> None:
    page = world.page
    world.open(world.his)
    for _ in range(3):
        wheel(page, -1500)
    page.evaluate(WATCH)
    page.evaluate(GROW_ABOVE, GROWTHS)
    worst, _ = page.evaluate(UNWATCH)
    assert worst <= 1


def test_a_long_way_up_and_down_draws_few_rows(world: World) -> None:
    page = world.page
    world.open(world.his)
    page.get_by_role("log").focus()
    most = 0
    for key in ["PageUp"] * 30 + ["Home"] * 10 + ["PageDown"] * 10 + ["ArrowDown"] * 3 + ["End"]:
        page.keyboard.press(key)
        page.wait_for_timeout(40)
        most = max(most, _rows(world.olena))
    assert most <= MAX_ROWS
    expect(world.olena.messages.last).to_be_in_viewport()
    distance = "log => log.scrollHeight - log.scrollTop - log.clientHeight"
    assert page.get_by_role("log").evaluate(distance) <= 1


def test_one_opens_at_the_first_unread_and_the_line_stays(world: World) -> None:
    page, olena = world.page, world.olena
    page.goto("/settings")
    first = world.other.send(world.hers.id, "перше непрочитане")
    for number in range(120):
        world.other.send(world.hers.id, f"непрочитане {number} {some_text(world.chance)}")
    page.goto("/chat")
    page.get_by_role("navigation").get_by_role("link", name="Данило").click()
    line = page.locator("[data-new-line]")
    expect(line).to_be_in_viewport()
    message = page.locator(f'article[data-message-id="{first["id"]}"]')
    expect(message).to_be_in_viewport()
    box, log = message.bounding_box(), page.get_by_role("log").bounding_box()
    assert box
    assert log
    assert box["y"] - log["y"] < log["height"] / 3
    down = page.get_by_role("button", name=re.compile(r"\d+ нов"))
    expect(down).to_be_visible()
    expect(down).not_to_have_text("121")
    page.evaluate(SETTLE)
    waiting = int(re.findall(r"\d+", down.inner_text())[0])
    assert 60 < waiting < 121, "what is in sight is read, the rest is not"
    world.other.send(world.hers.id, "ще одне")
    expect(down).to_contain_text(str(waiting + 1))
    expect(message).to_be_in_viewport()
    down.click()
    expect(olena.message("ще одне")).to_be_in_viewport()
    expect(down).to_have_count(0)
    for _ in range(60):
        wheel(page, -600)
        if line.count():
            break
    expect(line).to_have_count(1)
    page.get_by_role("navigation").get_by_role("link", name="Богдан").click()
    expect(page.locator("[data-new-line]")).to_have_count(0)


def test_ones_own_message_is_always_shown(world: World) -> None:
    page = world.page
    world.open(world.his)
    for _ in range(3):
        wheel(page, -2500)
    message = world.olena.send("я тут, внизу")
    expect(message).to_be_in_viewport()
    expect(message).to_have_attribute("data-state", re.compile("sent|delivered|read"))


def test_the_place_is_kept_and_switching_is_quick(world: World) -> None:
    page = world.page
    world.open(world.his)
    for _ in range(4):
        wheel(page, -1700)
    anchor = page.evaluate(WATCH)
    before = page.evaluate("window.watch.start")
    page.evaluate(UNWATCH)
    cold = page.evaluate(SWITCH, [world.other.id, anchor])
    page.get_by_role("navigation").get_by_role("link", name="Богдан").click()
    again = page.locator(f'article[data-message-id="{anchor}"]')
    expect(again).to_be_in_viewport()
    top = "item => item.getBoundingClientRect().top - item.closest('[role=log]').getBoundingClientRect().top"
    assert abs(again.evaluate(top) - before) <= 1
    times: list[float] = []
    for _ in range(10):
        shown = page.locator("[role=log] article").first.get_attribute("data-message-id")
        times.append(page.evaluate(SWITCH, [world.other.id, shown]))
        shown = page.locator("[role=log] article").first.get_attribute("data-message-id")
        times.append(page.evaluate(SWITCH, [world.his.id, shown]))
    middle, worst = statistics.median(times), max(times)
    print(f"\nto a cold conversation {cold:.0f} ms; to a cached one p50 {middle:.0f} ms, worst {worst:.0f} ms")
    assert cold < 1000
    assert middle < 1000


def test_news_is_spoken_once_and_history_never(world: World) -> None:
    page = world.page
    world.open(world.other)
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "off")
    spoken = page.locator("[data-announcer] p")
    expect(spoken).to_have_count(0)
    wheel(page, -2000)
    expect(spoken).to_have_count(0)
    world.other.send(world.hers.id, "слухай")
    expect(spoken).to_have_text(["Данило, слухай"])
    world.other.send(world.hers.id, "і це", attachment_ids=[world.other.upload("а.txt", b"a", "text/plain")])
    expect(spoken.last).to_have_text("Данило, і це, 1 файл")
    wheel(page, 4000)
    expect(spoken).to_have_count(2)


def test_a_messages_menu_is_reached_by_keyboard(world: World) -> None:
    page = world.page
    world.open(world.other)
    world.olena.composer.focus()
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('article [aria-haspopup=menu]')"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.ariaHasPopup") == "menu"
