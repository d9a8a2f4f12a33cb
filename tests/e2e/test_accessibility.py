"""Nobody is left out: axe finds nothing serious on any screen, and everything can be done without a pointer."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.people import PASSWORD, Person
from tests.harness.servers import CHECKOUT, Embedded

AXE = CHECKOUT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
    // The colours of the last theme may still be on their way to those of this one.
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    await frame();
    await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
    await frame();
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
    return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => [id, ...nodes.map(({ html, any }) => `${html} ${any[0]?.message ?? ""}`)].join(" | "));
}"""
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
ENOUGH = 80
"""More stops of the Tab key than any screen has."""


class Screen:
    """A page under the eyes of axe."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.found: list[str] = []

    def check(self, name: str) -> None:
        """Look at it as it is now, in both themes."""
        for scheme in ("light", "dark"):
            self._page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if not self._page.evaluate("'axe' in window"):
                # By the debugger, so that the page's content security policy stays as it is.
                self._page.evaluate(AXE.read_text() + ";0")
            self.found += [f"{name}, {scheme}: {violation}" for violation in self._page.evaluate(RUN)]
        self._page.emulate_media(color_scheme="light", reduced_motion="reduce")


Meeting = Callable[..., tuple[Person, Person]]


@pytest.fixture
def meeting(browser: Browser, embedded: Embedded) -> Iterator[Meeting]:
    """Two people with accounts, who see no error."""
    people: list[Person] = []

    def make(locale: str, viewport: Any) -> tuple[Person, Person]:
        for name in ("Олена", "Богдан"):
            context = browser.new_context(base_url=embedded.base_url, locale=locale, viewport=viewport)
            people.append(Person(name, context))
        people[1].register()
        return people[0], people[1]

    yield make
    for person in people:
        person.context.close()
        assert person.errors == []
        assert person.strangers == []


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture to send."""
    file = tmp_path / "ліс.png"
    Image.linear_gradient("L").convert("RGB").resize((600, 400)).save(file)
    return file


def _open_chat(person: Person, other: Person) -> None:
    person.page.goto("/chat")
    person.find(other)


def _guests(person: Person, screen: Screen) -> None:
    page = person.page
    page.goto("/login")
    page.locator("form").wait_for()
    screen.check("login")
    page.keyboard.press("Tab")
    page.locator("form button[type=submit]").click()
    page.get_by_role("alert").first.wait_for()
    screen.check("login with errors")
    page.goto("/register")
    page.locator("form").wait_for()
    screen.check("register")
    page.goto("/nowhere")
    page.get_by_role("main").wait_for()
    screen.check("no such page")


def _talk(person: Person, other: Person, picture: Path, screen: Screen) -> None:
    page = person.page
    page.get_by_role("navigation").wait_for()
    screen.check("empty list")
    page.get_by_role("searchbox").fill(other.name)
    page.get_by_role("navigation").get_by_role("link", name=other.display_name).wait_for()
    screen.check("people search")
    person.find(other)
    person.composer.wait_for()
    screen.check("empty conversation")
    person.attach(picture)
    person.tray.wait_for()
    screen.check("files to send")
    person.send("**Фото** з `лісу` https://example.org")
    expect(person.message("Фото")).to_be_visible()
    other.page.goto("/chat")
    other.find(person)
    other.send("```js\nconst a = 1;\n```")
    expect(person.messages).to_have_count(2)
    person.page.get_by_role("log").get_by_role("img").first.wait_for()
    screen.check("conversation")


def _act(person: Person, screen: Screen) -> None:
    page = person.page
    message = person.message("Фото")
    message.locator("[aria-haspopup=menu]").focus()
    page.keyboard.press("Enter")
    page.get_by_role("menu").wait_for()
    screen.check("message menu")
    page.locator("[data-action=react]").click()
    page.get_by_role("toolbar").wait_for()
    screen.check("reactions")
    page.get_by_role("toolbar").get_by_role("button").first.click()
    message.get_by_role("button", name="👍").wait_for()
    person.act(message, "reply")
    screen.check("reply, with a reaction")
    person.composer.press("Escape")
    person.act(message, "edit")
    screen.check("edit")
    person.composer.press("Escape")
    person.act(message, "delete")
    page.get_by_role("dialog").wait_for()
    screen.check("delete dialog")
    page.keyboard.press("Escape")
    message.locator("a[aria-haspopup=dialog]").click()
    page.get_by_role("dialog").wait_for()
    screen.check("lightbox")
    page.keyboard.press("Escape")
    page.get_by_role("main").locator("form [aria-haspopup=dialog]").click()
    page.get_by_role("grid").wait_for()
    screen.check("emoji")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+/")
    page.get_by_role("dialog").wait_for()
    screen.check("shortcuts")
    page.keyboard.press("Escape")


def _settings(person: Person, screen: Screen) -> None:
    page = person.page
    page.goto("/chat")
    page.get_by_role("navigation").get_by_role("listitem").wait_for()
    screen.check("list")
    page.goto("/settings")
    page.get_by_role("switch").first.wait_for()
    screen.check("settings")
    page.get_by_role("main").get_by_role("button").last.click()
    page.get_by_role("dialog").wait_for()
    screen.check("delete account")
    page.keyboard.press("Escape")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280", "360"])
@pytest.mark.parametrize("locale", ["uk-UA", "en-GB"])
def test_axe_finds_nothing_serious(meeting: Meeting, picture: Path, locale: str, viewport: Any) -> None:
    person, other = meeting(locale, viewport)
    screen = Screen(person.page)
    _guests(person, screen)
    person.register()
    _talk(person, other, picture, screen)
    _act(person, screen)
    _settings(person, screen)
    assert screen.found == []


def _tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    target.wait_for(state="attached")
    for _ in range(ENOUGH):
        if target.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"the {key} key never comes to {target}")


def _choose(page: Page, action: str) -> None:
    item = page.locator(f"[role=menuitem][data-action={action}]")
    item.wait_for()
    for _ in range(6):
        if item.evaluate("(element) => element === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def _open_menu(person: Person, text: str) -> Locator:
    opener = person.message(text).locator("[aria-haspopup=menu]")
    _tab_to(person.page, opener, "Shift+Tab")
    person.page.keyboard.press("Enter")
    return opener


def _register(person: Person) -> None:
    page = person.page
    page.goto("/login")
    _tab_to(page, page.get_by_role("link", name="Створити обліковий запис"))
    page.keyboard.press("Enter")
    values = {"username": person.name, "email": f"{person.name}@example.com", "new-password": PASSWORD}
    for field, value in values.items():
        _tab_to(page, page.locator(f"input[autocomplete={field}]"))
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    page.wait_for_url("**/chat")


def _find(person: Person, other: Person) -> None:
    page = person.page
    page.get_by_role("searchbox").wait_for()
    page.keyboard.press("Control+k")
    page.keyboard.type(other.name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Богдан")).to_be_visible()
    expect(person.composer).to_be_focused()


def _write(person: Person) -> None:
    page = person.page
    page.keyboard.type("перше")
    page.keyboard.press("Enter")
    expect(person.message("перше").locator("[aria-haspopup=menu]")).to_be_attached()
    _open_menu(person, "перше")
    _choose(page, "reply")
    expect(person.composer).to_be_focused()
    page.keyboard.type("відповідь")
    page.keyboard.press("Enter")
    expect(person.message("відповідь").locator("[aria-haspopup=menu]")).to_be_attached()
    page.keyboard.press("ArrowUp")
    expect(person.composer).to_have_value("відповідь")
    page.keyboard.type("!")
    page.keyboard.press("Enter")
    expect(person.message("відповідь!")).to_be_visible()


def _delete(person: Person) -> None:
    page, dialog = person.page, person.page.get_by_role("dialog")
    opener = _open_menu(person, "відповідь!")
    page.get_by_role("menu").wait_for()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    _choose(page, "delete")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    _choose(page, "delete")
    _tab_to(page, dialog.get_by_role("button", name="Видалити"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").get_by_text("Повідомлення видалено")).to_be_visible()


def _leave(person: Person) -> None:
    page = person.page
    _tab_to(page, page.get_by_role("navigation").locator("[aria-haspopup=menu]"), "Shift+Tab")
    page.keyboard.press("Enter")
    _choose(page, "settings")
    expect(page.get_by_role("heading", name="Налаштування")).to_be_visible()
    _tab_to(page, page.get_by_role("radio", name="Системна"))
    page.keyboard.press("ArrowLeft")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    _tab_to(page, page.get_by_role("button", name="Вийти"), "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/login*")


def test_everything_is_done_by_the_keyboard(meeting: Meeting) -> None:
    person, other = meeting("uk-UA", WIDE)
    _register(person)
    _find(person, other)
    _write(person)
    _delete(person)
    _leave(person)


@pytest.mark.parametrize("path", ["/login", "/register", "/chat", "/settings"])
def test_400_percent_is_enough_room(meeting: Meeting, path: str) -> None:
    """1280 × 1024 at 400 %."""
    person, _ = meeting("uk-UA", {"width": 320, "height": 256})
    if path in ("/chat", "/settings"):
        person.register()
    person.page.goto(path)
    person.page.locator("h1, nav").first.wait_for()
    assert person.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_who_wants_no_motion_gets_none(meeting: Meeting) -> None:
    person, _ = meeting("uk-UA", WIDE)
    person.page.emulate_media(reduced_motion="reduce")
    person.register()
    person.page.get_by_role("navigation").locator("[aria-haspopup=menu]").click()
    duration = person.page.get_by_role("menu").evaluate("(menu) => getComputedStyle(menu).animationDuration")
    assert duration == "0.001s"
