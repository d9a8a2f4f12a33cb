"""The product as an app: notifications, the tab, the shell without a connection, the news that there is none."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Meet
from tests.e2e.people import Person

NO_NETWORK = ("net::ERR_", "WebSocket connection to", "Failed to load resource")

# Says what was shown, and lets the test decide whether anybody looks.
PRETEND = """() => {
    window.shown = [];
    class Pretended extends EventTarget {
        static permission = "granted";
        static requestPermission = async () => "granted";
        constructor(title, options) {
            super();
            this.said = { title, body: options.body, closed: false };
            window.shown.push(this.said);
            window.latest = this;
        }
        close() { this.said.closed = true; }
    }
    window.Notification = Pretended;
    localStorage.setItem("communication.notifies", "1");
    window.isHidden = false;
    const seen = () => (window.isHidden ? "hidden" : "visible");
    Object.defineProperty(Document.prototype, "visibilityState", { get: seen, configurable: true });
    Document.prototype.hasFocus = () => !window.isHidden;
}"""
STANDS_FIRST = "navigator.locks.query().then(({ held }) => held.some(({ name }) => name.includes('.notify.')))"
NOBODY_LOOKS = "navigator.locks.query().then(({ held }) => !held.some(({ name }) => name.endsWith('.looking')))"
HIDE = "() => { window.isHidden = true; document.dispatchEvent(new Event('visibilitychange')); }"


def _wait_until(page: Page, condition: str) -> None:
    """Playwright's own way evaluates strings in the page, which its content security policy forbids."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(condition)


def _shown(*pages: Page) -> list[dict[str, Any]]:
    return [notice for page in pages for notice in page.evaluate("window.shown")]


@pytest.fixture
def pair(meet: Meet) -> tuple[Person, Person]:
    """Two people; what the second one is notified of can be read."""
    olena, bohdan = meet("Олена"), meet("Богдан")
    bohdan.context.add_init_script(f"({PRETEND})()")
    olena.hold_line()
    olena.register()
    bohdan.register()
    olena.find(bohdan)
    return olena, bohdan


def test_the_desktop_tells_once_and_leads_there(pair: tuple[Person, Person]) -> None:
    olena, bohdan = pair
    bohdan.page.goto("/settings")
    _wait_until(bohdan.page, STANDS_FIRST)
    second = bohdan.context.new_page()
    second.goto("/chat")
    expect(second.get_by_role("searchbox")).to_be_visible()
    olena.send("поки дивишся")
    expect(second.get_by_role("navigation").get_by_text("поки дивишся")).to_be_visible()
    expect(bohdan.page).to_have_title(re.compile(r"^\(1\) "))
    for page in (bohdan.page, second):
        page.evaluate(HIDE)
    _wait_until(bohdan.page, NOBODY_LOOKS)
    olena.send("поки **не** дивишся")
    expect(second.get_by_role("navigation").get_by_text("поки не дивишся")).to_be_visible()
    _wait_until(bohdan.page, "window.shown.length === 1")
    assert _shown(bohdan.page, second) == [{"title": "Олена", "body": "поки не дивишся", "closed": False}]
    bohdan.page.evaluate("window.latest.dispatchEvent(new Event('click'))")
    expect(bohdan.page).to_have_url(re.compile(r"/chat/\d+$"))
    assert _shown(bohdan.page)[0]["closed"]


def test_what_was_read_elsewhere_is_taken_back(pair: tuple[Person, Person]) -> None:
    olena, bohdan = pair
    expect(bohdan.page.get_by_role("searchbox")).to_be_visible()
    bohdan.page.evaluate(HIDE)
    olena.send("новина")
    _wait_until(bohdan.page, "window.shown.length === 1")
    olena.act(olena.message("новина"), "delete")
    olena.confirm()
    _wait_until(bohdan.page, "window.shown[0].closed")


def test_the_tab_counts_what_waits(pair: tuple[Person, Person]) -> None:
    olena, bohdan = pair
    icon = bohdan.page.locator("link[rel=icon]")
    expect(bohdan.page).to_have_title("Communication")
    for text in ("раз", "два", "три"):
        olena.send(text)
    expect(bohdan.page).to_have_title("(3) Communication")
    expect(icon).to_have_attribute("href", "/favicon-unread.svg")
    bohdan.page.get_by_role("navigation").get_by_role("link", name="Олена").click()
    expect(bohdan.page).to_have_title("Communication")
    expect(icon).to_have_attribute("href", "/favicon.svg")


def test_a_short_interruption_is_nobodys_business(pair: tuple[Person, Person]) -> None:
    olena, _ = pair
    banner = olena.page.get_by_text("Відновлюємо зв’язок")
    # The browser believes that it is online: only the server cannot be reached.
    olena.line.refuse()
    olena.page.wait_for_timeout(3000)
    expect(banner).to_be_hidden()
    expect(banner).to_be_visible(timeout=6000)
    olena.line.mend()
    expect(banner).to_be_hidden(timeout=25_000)
    olena.forgive(*NO_NETWORK)


def test_it_can_be_installed(meet: Meet) -> None:
    somebody = meet("Хтось")
    somebody.page.goto("/login")
    request = somebody.context.request
    href = somebody.page.locator("link[rel=manifest]").get_attribute("href")
    manifest = json.loads(request.get(str(href)).text())
    assert manifest["display"] == "standalone"
    purposes = {icon["purpose"] for icon in manifest["icons"]}
    assert purposes == {"any", "maskable"}
    for icon in manifest["icons"]:
        answer = request.get(icon["src"])
        assert answer.ok, icon
        assert answer.headers["content-type"].startswith(icon["type"])
    assert request.get(str(somebody.page.locator("link[rel=apple-touch-icon]").get_attribute("href"))).ok


def test_the_shell_opens_without_a_connection_and_what_was_written_leaves_later(meet: Meet) -> None:
    olena, bohdan = meet("Олена"), meet("Богдан")
    olena.hold_line()
    olena.register()
    bohdan.register()
    olena.find(bohdan)
    page = olena.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    expect(page.get_by_text("Тут поки тихо")).to_be_visible()
    olena.line.cut()
    for text in ("перше", "друге"):
        olena.send(text)
        expect(olena.message(text)).to_have_attribute("data-state", "sending")
    page.wait_for_timeout(300)
    page.reload()
    expect(page.get_by_text("Немає зв’язку із сервером")).to_be_visible()
    kept = page.evaluate("""async () => {
        const names = await caches.keys();
        const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
        return requests.flat().map(({ url }) => new URL(url).pathname);
    }""")
    assert "/" in kept
    assert not [path for path in kept if path.startswith("/api")]
    olena.line.mend()
    expect(olena.message("друге")).to_have_attribute("data-state", re.compile("sent|delivered"), timeout=25_000)
    bohdan.find(olena)
    expect(bohdan.messages).to_have_count(2)
    olena.forgive(*NO_NETWORK)


def test_no_old_version_holds_anybody(meet: Meet) -> None:
    somebody = meet("Хтось")
    somebody.page.goto("/login")
    page, request = somebody.page, somebody.context.request
    worker = request.get("/sw.js")
    assert worker.headers["cache-control"] == "no-cache"
    assert "javascript" in worker.headers["content-type"]
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    # What the worker kept is out of date: the page of the server counts, not the kept one.
    page.evaluate("""async () => {
        const [name] = await caches.keys();
        const old = new Response("<title>old</title>", { headers: { "Content-Type": "text/html" } });
        await (await caches.open(name)).put("/", old);
    }""")
    page.reload()
    expect(page.locator("input[autocomplete=username]")).to_be_visible()
