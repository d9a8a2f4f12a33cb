"""Settings: what one chooses holds, here, in other tabs, on other devices."""

import json
import zipfile

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Meet
from tests.e2e.people import ARRIVED, Person


@pytest.fixture
def olena(meet: Meet) -> Person:
    """Somebody in the settings."""
    person = meet("Олена")
    person.register()
    person.page.goto("/settings")
    expect(person.page.get_by_role("heading", name="Профіль")).to_be_visible()
    return person


def _switch(page: Page, name: str) -> None:
    page.get_by_role("switch", name=name).focus()
    page.keyboard.press("Space")


def test_the_theme_holds_and_other_tabs_follow(olena: Person) -> None:
    page = olena.page
    other = olena.context.new_page()
    other.goto("/chat")
    page.get_by_text("Темна", exact=True).click()
    for tab in (page, other):
        expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("radio", name="Темна", exact=True)).to_be_checked()
    colours = page.locator("meta[name=theme-color]").evaluate_all("metas => metas.map((meta) => meta.content)")
    assert len(set(colours)) == 1


def test_the_language_changes_at_once_and_holds(olena: Person) -> None:
    page = olena.page
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_title("Settings · Communication")
    page.reload()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()


def test_enter_can_break_the_line(olena: Person, meet: Meet) -> None:
    bohdan = meet("Богдан")
    bohdan.register()
    olena.page.get_by_text("Ctrl+Enter надсилає").click()
    olena.page.goto("/chat")
    olena.find(bohdan)
    olena.composer.press_sequentially("раз")
    olena.composer.press("Enter")
    olena.composer.press_sequentially("два")
    expect(olena.composer).to_have_value("раз\nдва")
    expect(olena.messages).to_have_count(0)
    olena.composer.press("Control+Enter")
    expect(olena.message("раз\nдва")).to_have_attribute("data-state", ARRIVED)


def test_receipts_are_off_for_both_or_for_nobody(olena: Person, meet: Meet) -> None:
    bohdan = meet("Богдан")
    bohdan.register()
    switch = olena.page.get_by_role("switch", name="Позначки про прочитання")
    expect(switch).to_be_checked()
    with olena.page.expect_response(
        lambda answer: "/api/preferences" in answer.url and answer.request.method == "PATCH"
    ):
        _switch(olena.page, "Позначки про прочитання")
    olena.page.reload()
    expect(switch).not_to_be_checked()

    bohdan.find(olena)
    sent = bohdan.send("чи видно, що прочитано?")
    olena.page.goto("/chat")
    olena.page.get_by_role("navigation").get_by_role("link", name="Богдан").click()
    expect(olena.message("чи видно")).to_be_visible()
    olena.send("ні")
    expect(bohdan.message("ні")).to_be_visible()
    expect(sent).to_have_attribute("data-state", "delivered")
    expect(olena.message("ні")).to_have_attribute("data-state", "delivered")


def test_notifications_are_asked_for_by_a_click(olena: Person) -> None:
    page = olena.page
    asked: list[str] = []
    page.expose_function("noteAsked", lambda: asked.append("asked"))
    page.evaluate("""() => {
        Object.defineProperty(Notification, "permission", { get: () => window.answer ?? "default" });
        Notification.requestPermission = async () => {
            window.noteAsked();
            window.answer = "granted";
            return window.answer;
        };
    }""")
    switch = page.get_by_role("switch", name="Сповіщення")
    if switch.is_disabled():  # a browser that denies by itself, as headless ones do: it says so
        expect(page.get_by_text("Браузер їх блокує")).to_be_visible()
        return
    assert asked == []
    _switch(page, "Сповіщення")
    expect(switch).to_be_checked()
    assert asked == ["asked"]


def test_everything_can_be_taken_along(olena: Person, meet: Meet) -> None:
    bohdan = meet("Богдан")
    bohdan.register()
    bohdan.find(olena)
    expect(bohdan.send("на згадку")).to_have_attribute("data-state", "delivered")
    with olena.page.expect_download() as download:
        olena.page.get_by_role("button", name="Завантажити мої дані").click()
    assert download.value.suggested_filename.endswith(".zip")
    with zipfile.ZipFile(download.value.path()) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")
    assert olena.name in everything
    assert "на згадку" in everything
    expect(olena.page.get_by_text("Архів у ваших завантаженнях")).to_be_visible()


def test_a_refused_export_says_why(olena: Person) -> None:
    body = json.dumps({"status": 429, "code": "too_many_requests", "title": "", "detail": "", "type": "about:blank"})

    def refuse(route: Route) -> None:
        route.fulfill(status=429, body=body, headers={"Retry-After": "30", "Content-Type": "application/problem+json"})

    olena.page.route("**/api/export", refuse)
    olena.page.get_by_role("button", name="Завантажити мої дані").click()
    expect(olena.page.get_by_role("alert")).to_have_text("Забагато спроб. Зачекайте 30 секунд.")
    olena.forgive("429")


def test_leaving_for_good_needs_the_password(olena: Person) -> None:
    page = olena.page
    button = page.get_by_role("button", name="Видалити обліковий запис…")
    button.click()
    page.get_by_role("dialog").get_by_label("Пароль", exact=True).fill("not the one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("Пароль неправильний.")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    olena.forgive("403")
