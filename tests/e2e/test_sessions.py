"""Sessions that never log an honest person out, and that end everywhere when they should."""

import os
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, WebSocket, expect

from tests.e2e.conftest import Meet
from tests.e2e.people import ARRIVED, PASSWORD, Person
from tests.harness.servers import Stack

SECONDS = int(os.environ.get("SESSION_TEST_SECONDS", "40"))
TABS = 5
TOKEN_SECONDS = 10
KILLS = 2
RECOVERY_SECONDS = 5.0
"""After auth_service is back, tokens that died meanwhile are replaced, and so are the sockets that lived by them."""
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


class Tab:
    """One of several tabs, and what happened in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.addresses: list[str] = []
        self.renewals = 0
        self.opened: list[float] = []
        self.closed: list[float] = []
        page.on("framenavigated", lambda frame: self.addresses.append(frame.url))
        page.on("response", self._note_response)
        page.on("websocket", self._note_socket)

    def _note_response(self, response: Response) -> None:
        self.renewals += "/api/auth/refresh" in response.url and response.ok

    def _note_socket(self, socket: WebSocket) -> None:
        self.opened.append(time.monotonic())
        socket.on("close", lambda _: self.closed.append(time.monotonic()))

    @property
    def is_connected(self) -> bool:
        """Whether it has a socket now."""
        return len(self.opened) > len(self.closed)

    def send(self, text: str) -> None:
        """Write and send."""
        composer = self.page.get_by_role("main").locator("textarea")
        composer.fill(text)
        composer.press("Enter")

    def expect_message(self, text: str) -> None:
        """Wait until this message is here, once."""
        message = self.page.get_by_role("log").get_by_role("article").filter(has_text=text)
        expect(message).to_have_count(1, timeout=20_000)

    def assert_signed_in(self) -> None:
        """Neither now nor at any moment before was there a login page."""
        assert not [address for address in self.addresses if "/login" in address]
        assert self.page.locator("input[autocomplete=current-password]").count() == 0


class Watch:
    """Five tabs, watched all the time."""

    def __init__(self, tabs: list[Tab]) -> None:
        self.tabs = tabs
        self.outages: list[tuple[float, float]] = []

    def look(self) -> None:
        """Assert what has to be true at every moment."""
        for tab in self.tabs:
            tab.assert_signed_in()
            for moment in tab.closed:
                assert any(start <= moment <= end for start, end in self.outages), "a renewal closed a socket"

    def until(self, moment: float) -> None:
        """Keep looking until then."""
        while time.monotonic() < moment:
            self.look()
            self.tabs[0].page.wait_for_timeout(100)

    def exchange(self, sender: int, text: str) -> None:
        """What one tab sends shows in all of them."""
        self.tabs[sender].send(text)
        for tab in self.tabs:
            tab.expect_message(text)


@pytest.fixture
def short_lived() -> Iterator[Stack]:
    """Access tokens that live for ten seconds, and services that can be killed one by one."""
    env = {"RATE_LIMITS": "off", "ACCESS_TOKEN_SECONDS": str(TOKEN_SECONDS)}
    with Stack(chat_processes=1, env=env, fsync=False) as stack:
        yield stack


def _peer_of(olena: Person) -> int:
    """Somebody to write to."""
    body = {"username": f"b{olena.name}", "email": f"b{olena.name}@example.com", "password": PASSWORD}
    answer = olena.page.request.post("/api/auth/register", data=body)
    assert answer.status == 201, answer.text()
    number: int = answer.json()["id"]
    return number


@pytest.mark.timeout(SECONDS + 180)
def test_five_tabs_outlive_their_tokens_and_a_dying_auth_service(browser: Browser, short_lived: Stack) -> None:
    context = browser.new_context(base_url=short_lived.base_url, locale="uk-UA")
    olena = Person("Олена", context)
    olena.register()
    address = f"/chat/{_peer_of(olena)}"
    watch = Watch([Tab(page) for page in (olena.page, *(context.new_page() for _ in range(TABS - 1)))])
    for tab in watch.tabs:
        tab.page.goto(address, wait_until="commit")
    for tab in watch.tabs:
        expect(tab.page.get_by_role("main").locator("textarea")).to_be_visible()
    for tab in watch.tabs:
        tab.opened, tab.closed = tab.opened[-1:], []  # the first one left by loading another page

    begin = time.monotonic()
    for number in range(KILLS):
        watch.until(begin + SECONDS * (number + 1) / (KILLS + 1))
        watch.exchange(number, f"до аварії {number}")
        start = time.monotonic()
        short_lived.kill("auth_service")
        watch.outages.append((start, float("inf")))
        watch.tabs[-1].send(f"під час аварії {number}")
        watch.until(start + 1)
        short_lived.start_server("auth_service")
        watch.outages[-1] = (start, time.monotonic() + RECOVERY_SECONDS)
        for tab in watch.tabs:
            tab.expect_message(f"під час аварії {number}")
    watch.until(max(begin + SECONDS, watch.outages[-1][1] + TOKEN_SECONDS))
    watch.exchange(2, "наприкінці")
    watch.look()
    for tab in watch.tabs:
        assert tab.is_connected
        assert tab.renewals >= (time.monotonic() - begin) / TOKEN_SECONDS - 1

    leaving = watch.tabs[1].page
    leaving.goto("/settings")
    leaving.get_by_role("button", name="Вийти").first.click()
    for tab in watch.tabs:
        tab.page.wait_for_url("**/login*", timeout=5000)
    context.close()


def _sign_in_elsewhere(meet: Meet, whom: Person, user_agent: str) -> Person:
    elsewhere = meet(whom.display_name, user_agent=user_agent)
    elsewhere.name = whom.name
    elsewhere.page.goto("/login")
    elsewhere.sign_in()
    elsewhere.page.wait_for_url("**/chat")
    expect(elsewhere.page.get_by_role("navigation").get_by_role("searchbox")).to_be_visible()
    return elsewhere


def _expect_signed_out(person: Person) -> None:
    person.page.wait_for_url("**/login*", timeout=3000)
    expect(person.page.get_by_role("alert")).to_contain_text("Сеанс завершено")
    # What a refused renewal leaves in every browser's own log of the network.
    person.errors[:] = [error for error in person.errors if not re.search("/api/(auth|ws|chat|sync)", error)]


def test_a_session_is_ended_from_another_device(meet: Meet) -> None:
    olena = meet("Олена")
    olena.register()
    windows = _sign_in_elsewhere(meet, olena, WINDOWS)
    olena.page.goto("/settings")
    sessions = olena.page.get_by_role("region", name="Сеанси")
    rows = sessions.get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Цей пристрій")
    other = rows.filter(has_text="Firefox · Windows")
    expect(other).to_contain_text("127.0.0.1")
    expect(other).to_contain_text("Востаннє")
    other.get_by_role("button", name="Завершити сеанс: Firefox · Windows").click()
    _expect_signed_out(windows)
    expect(rows).to_have_count(1)
    expect(olena.page).to_have_url(re.compile("/settings"))


def test_all_other_sessions_are_ended_at_once(meet: Meet) -> None:
    olena = meet("Олена")
    olena.register()
    others = [_sign_in_elsewhere(meet, olena, agent) for agent in (WINDOWS, IPHONE)]
    olena.page.goto("/settings")
    sessions = olena.page.get_by_role("region", name="Сеанси")
    expect(sessions.get_by_role("listitem")).to_have_count(3)
    sessions.get_by_role("button", name="Завершити всі інші сеанси").click()
    for other in others:
        _expect_signed_out(other)
    expect(sessions.get_by_role("listitem")).to_have_count(1)
    olena.page.reload()
    expect(sessions.get_by_role("listitem")).to_have_count(1)


@pytest.mark.parametrize(
    ("locale", "warning", "again"),
    [
        ("uk-UA", re.compile(r"Цей сеанс завершиться \d.+ Увійдіть знову, щоб не перериватися\."), "Увійти знову"),
        ("en-GB", re.compile(r"This session ends on \d.+ Sign in again"), "Sign in again"),
    ],
)
def test_one_is_warned_before_a_session_ends_and_goes_on_in_a_new_one(
    meet: Meet, locale: str, warning: re.Pattern[str], again: str
) -> None:
    olena = meet("Олена", locale=locale)
    olena.page.clock.install()
    olena.register()
    address = f"/chat/{_peer_of(olena)}"
    olena.page.goto(address)
    expect(olena.composer).to_be_visible()
    expect(olena.page.get_by_text(warning)).to_have_count(0)

    with olena.page.expect_response(lambda response: "/api/auth/refresh" in response.url and response.ok):
        olena.page.clock.fast_forward((89 * 24 + 1) * 3600 * 1000)  # the lid was closed for a long time
    expect(olena.page.get_by_text(warning)).to_be_visible()
    olena.composer.fill("Недописане")
    olena.page.get_by_role("button", name=again).click()
    olena.page.wait_for_url("**/login*")
    olena.sign_in()
    olena.page.wait_for_url(f"**{address}")
    expect(olena.composer).to_have_value("Недописане")
    expect(olena.page.get_by_text(warning)).to_have_count(0)
    sent = olena.send("Дописане")
    expect(sent).to_have_attribute("data-state", ARRIVED)
