"""The list of conversations and the way to people: what it says, and how the keyboard gets through it."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Meet
from tests.e2e.people import Person

DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def pair(meet: Meet) -> tuple[Person, Person]:
    """Two people; the second one is looking at the list, not at the conversation."""
    olena, bohdan = meet("Олена", **DESKTOP), meet("Богдан", **DESKTOP)
    olena.register()
    bohdan.register()
    olena.find(bohdan)
    return olena, bohdan


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A picture and a document."""
    picture, document = tmp_path / "ліс.png", tmp_path / "Звіт.pdf"
    Image.linear_gradient("L").convert("RGB").resize((300, 200)).save(picture)
    document.write_bytes(b"%PDF-1.4\n%%EOF\n")
    return picture, document


def _item(person: Person, name: str) -> Locator:
    return person.page.get_by_role("navigation").get_by_role("listitem").filter(has_text=name)


def test_the_last_message_is_told_in_one_line(pair: tuple[Person, Person], files: tuple[Path, Path]) -> None:
    olena, bohdan = pair
    mine, theirs = _item(olena, "Богдан"), _item(bohdan, "Олена")
    olena.send("**Привіт**, це `я`")
    expect(theirs).to_contain_text("Привіт, це я")
    expect(theirs).to_contain_text("1 непрочитане повідомлення")
    expect(mine).to_contain_text("Ви: Привіт, це я")
    expect(mine.get_by_role("img", name="Доставлено")).to_be_visible()
    assert re.search(r"\d\d:\d\d", theirs.inner_text())

    olena.attach(files[0])
    olena.composer.press("Enter")
    expect(theirs).to_contain_text("Фото")
    olena.attach(files[1])
    olena.composer.press("Enter")
    expect(theirs).to_contain_text("Звіт.pdf")
    olena.attach(*files)
    olena.composer.press("Enter")
    expect(theirs).to_contain_text("2 файли")
    expect(theirs).to_contain_text("4 непрочитані повідомлення")

    last = olena.send("зайве")
    olena.act(last, "edit")
    olena.composer.fill("змінене")
    olena.composer.press("Enter")
    expect(theirs).to_contain_text("змінене")
    olena.act(olena.message("змінене"), "delete")
    olena.confirm()
    expect(theirs).to_contain_text("Повідомлення видалено")

    theirs.get_by_role("link").click()
    expect(bohdan.message("Привіт")).to_be_visible()
    bohdan.page.get_by_role("log").press("End")
    expect(mine.get_by_role("img", name="Прочитано")).to_have_count(0)
    expect(olena.message("Привіт")).to_have_attribute("data-state", "read")
    expect(theirs.get_by_role("link")).to_have_attribute("aria-current", "page")
    expect(theirs).not_to_contain_text("непрочитан")


def test_what_was_not_sent_stands_in_the_list_after_a_reload_too(pair: tuple[Person, Person]) -> None:
    olena, _ = pair
    olena.send("було")
    olena.composer.fill("не дописано")
    expect(_item(olena, "Богдан")).not_to_contain_text("Чернетка")
    olena.page.wait_for_timeout(600)  # a draft is written down after a moment
    olena.page.goto("/chat")
    expect(_item(olena, "Богдан")).to_contain_text("Чернетка: не дописано")


def test_somebody_is_found_from_anywhere_by_the_keyboard(pair: tuple[Person, Person], meet: Meet) -> None:
    olena, bohdan = pair
    third = meet("Тарас")
    third.register()
    page, search = olena.page, olena.page.get_by_role("searchbox")
    expect(olena.composer).to_be_focused()
    page.keyboard.press("Control+k")
    expect(search).to_be_focused()
    page.keyboard.press("Escape")
    expect(olena.composer).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type(third.name)
    # Enter does not wait for the answer; it must not open whoever stood there before.
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Тарас")).to_be_visible()
    expect(search).to_have_value("")
    expect(olena.composer).to_be_focused()

    page.goto("/settings")
    expect(page.get_by_role("heading", name="Профіль")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(search).to_be_focused()
    page.keyboard.type(bohdan.name)
    expect(page.get_by_role("list", name="Люди").get_by_role("link")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Богдан")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(search).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Богдан")).to_be_visible()


def test_arrows_go_through_the_list(pair: tuple[Person, Person], meet: Meet) -> None:
    olena, _ = pair
    third = meet("Тарас")
    third.register()
    olena.send("перша розмова")
    olena.find(third)
    olena.send("друга розмова")
    page = olena.page
    first, second = (_item(olena, name).get_by_role("link") for name in ("Тарас", "Богдан"))
    expect(page.get_by_role("navigation").get_by_role("listitem").nth(0)).to_contain_text("друга розмова")
    expect(second).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Богдан")).to_be_visible()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("heading", name="Тарас")).to_be_visible()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("heading", name="Богдан")).to_be_visible()
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog", name="Клавіатурні скорочення")).to_be_visible()
    page.keyboard.press("Escape")
    expect(olena.composer).to_be_focused()


def test_who_is_new_is_told_where_to_begin(meet: Meet) -> None:
    olena = meet("Olena", locale="en-GB", **DESKTOP)
    olena.register()
    main = olena.page.get_by_role("main")
    expect(main.get_by_text("Welcome")).to_be_visible()
    main.get_by_role("button", name="Find people").click()
    expect(olena.page.get_by_role("searchbox")).to_be_focused()
    olena.page.keyboard.type("nobody of this name")
    expect(olena.page.get_by_text("Nobody found")).to_be_visible()
    olena.page.keyboard.press("Escape")
    main.get_by_role("button", name="Notes to myself").click()
    olena.send("milk, bread")
    expect(olena.page.get_by_role("navigation").get_by_role("listitem")).to_contain_text("Notes to myself")


def test_a_phone_shows_one_thing_at_a_time(meet: Meet) -> None:
    olena, bohdan = meet("Олена", **PHONE), meet("Богдан")
    olena.register()
    bohdan.register()
    page = olena.page
    navigation, main = page.get_by_role("navigation"), page.get_by_role("main")
    expect(navigation).to_be_visible()
    expect(main).to_be_hidden()
    olena.find(bohdan)
    expect(navigation).to_be_hidden()
    expect(main).to_be_visible()
    page.get_by_role("link", name="Назад").click()
    expect(navigation).to_be_visible()
    expect(page).to_have_url(re.compile("/chat$"))
    page.go_back()
    expect(main).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
