"""Writing: the field, its keys, emoji, and how formatted text looks."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Meet
from tests.e2e.people import ARRIVED, Person

DESKTOP = {"viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def pair(meet: Meet) -> tuple[Person, Person]:
    """Two people, the first in the conversation with the second."""
    olena, bohdan = meet("Олена", **DESKTOP), meet("Богдан", **DESKTOP)
    olena.register()
    bohdan.register()
    olena.find(bohdan)
    return olena, bohdan


def _height(person: Person) -> float:
    box = person.composer.bounding_box()
    assert box
    return box["height"]


def test_the_field_grows_to_eight_lines_and_scrolls_then(pair: tuple[Person, Person]) -> None:
    olena, _ = pair
    heights = {}
    for lines in (1, 2, 8, 9, 30):
        olena.composer.fill("\n".join(["рядок"] * lines))
        heights[lines] = _height(olena)
    assert heights[1] < heights[2] < heights[8]
    assert heights[9] == heights[30]
    assert heights[30] - heights[8] < 24
    assert olena.composer.evaluate("field => field.scrollHeight > field.clientHeight")
    olena.composer.fill("рядок")
    assert not olena.composer.evaluate("field => field.scrollHeight > field.clientHeight")
    assert _height(olena) == heights[1]


def test_enter_sends_but_not_while_a_word_is_composed(pair: tuple[Person, Person]) -> None:
    olena, _ = pair
    olena.composer.press_sequentially("раз")
    olena.composer.press("Shift+Enter")
    olena.composer.press_sequentially("два")
    for init in ({"isComposing": True}, {"keyCode": 229}):
        olena.composer.evaluate(
            "(field, init) => field.dispatchEvent(new KeyboardEvent('keydown', init))",
            {"key": "Enter", "bubbles": True, **init},
        )
    expect(olena.composer).to_have_value("раз\nдва")
    expect(olena.messages).to_have_count(0)
    olena.composer.press("Enter")
    expect(olena.messages).to_have_count(1)
    expect(olena.composer).to_have_value("")


def test_up_edits_the_last_message_and_escape_keeps_the_draft(pair: tuple[Person, Person]) -> None:
    olena, _ = pair
    page = olena.page
    expect(olena.send("останнє")).to_have_attribute("data-state", ARRIVED)
    olena.composer.press("ArrowUp")
    expect(olena.composer).to_have_value("останнє")
    olena.composer.press("Escape")
    expect(olena.composer).to_have_value("")
    olena.composer.press_sequentially("чернетка")
    olena.composer.press("ArrowUp")
    expect(olena.composer).to_have_value("чернетка")
    olena.act(olena.message("останнє"), "edit")
    expect(olena.composer).to_have_value("останнє")
    expect(olena.composer).to_be_focused()
    olena.composer.fill("змінене, але ні")
    olena.composer.press("Escape")
    expect(olena.composer).to_have_value("чернетка")
    olena.act(olena.message("останнє"), "reply")
    expect(page.get_by_text("Відповідь на повідомлення")).to_be_visible()
    olena.composer.press("Escape")
    expect(page.get_by_text("Відповідь на повідомлення")).to_be_hidden()
    expect(olena.composer).to_have_value("чернетка")
    expect(olena.message("останнє")).to_be_visible()


def test_what_one_types_nowhere_lands_in_the_field(pair: tuple[Person, Person]) -> None:
    olena, _ = pair
    olena.page.get_by_role("log").focus()
    olena.page.keyboard.type("так")
    expect(olena.composer).to_have_value("так")


def test_emoji_come_in_at_the_caret(pair: tuple[Person, Person]) -> None:
    olena, _ = pair
    page, opener = olena.page, olena.page.get_by_role("button", name="Вибрати емодзі")
    olena.composer.fill("до після")
    for _ in range(6):
        olena.composer.press("ArrowLeft")
    opener.click()
    picker = page.get_by_role("dialog", name="Емодзі")
    expect(picker.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("серце")
    picker.get_by_role("button", name="червоне серце", exact=True).click()
    expect(olena.composer).to_have_value("до❤️ після")
    expect(olena.composer).to_be_focused()
    page.keyboard.type("!")
    expect(olena.composer).to_have_value("до❤️! після")

    # The same in the other language, and by the keyboard alone: the one that was used stands first now.
    opener.focus()
    page.keyboard.press("Enter")
    expect(picker.get_by_role("tab", selected=True)).to_have_accessible_name("Нещодавні")
    expect(picker.get_by_role("gridcell")).to_have_count(1)
    page.keyboard.type("fire")
    expect(picker.get_by_role("gridcell").first).to_contain_text("🔥")
    page.keyboard.press("ArrowDown")
    expect(picker.get_by_role("gridcell").first.get_by_role("button")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    expect(picker.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Enter")
    expect(olena.composer).to_have_value("до❤️!🔥 після")
    for focused in (picker.get_by_role("searchbox"), opener):  # the opener: Escape before the picker has the focus
        opener.focus()
        page.keyboard.press("Enter")
        expect(picker.get_by_role("searchbox")).to_be_focused()
        focused.focus()
        page.keyboard.press("Escape")
        expect(picker).to_be_hidden()
    expect(opener).to_be_focused()


def test_every_emoji_can_be_a_reaction(pair: tuple[Person, Person]) -> None:
    olena, bohdan = pair
    sent = olena.send("оціни")
    bohdan.find(olena)
    bohdan.act(bohdan.message("оціни"), "react")
    bohdan.page.get_by_role("button", name="Інші емодзі").click()
    picker = bohdan.page.get_by_role("dialog", name="Емодзі")
    expect(picker.get_by_role("gridcell").first).to_be_visible()
    picker.get_by_role("searchbox").fill("єдиноріг")
    expect(picker.get_by_role("gridcell")).to_have_count(1)  # the grid follows what is typed a moment later
    expect(picker.get_by_role("gridcell")).to_have_text("🦄")
    bohdan.page.keyboard.press("Enter")
    expect(sent.get_by_role("button", name="🦄")).to_be_visible()
    expect(picker).to_be_hidden()


def test_formatting_is_drawn_and_nothing_is_executed(pair: tuple[Person, Person]) -> None:
    olena, _ = pair
    olena.context.grant_permissions(["clipboard-read", "clipboard-write"])
    source = "**жирне** _курсив_ ~~зайве~~ `код` <img src=x onerror=alert(1)> javascript:alert(1) https://example.org/a_b_c\nрядок"
    olena.composer.fill(source)
    olena.composer.press("Enter")
    message = olena.message("жирне")
    for tag, text in (("strong", "жирне"), ("em", "курсив"), ("s", "зайве"), ("code", "код")):
        expect(message.locator(tag)).to_have_text(text)
    expect(message.locator("img[src]")).to_have_count(0)
    links = message.locator("a")
    expect(links).to_have_count(1)
    expect(links).to_have_attribute("href", "https://example.org/a_b_c")
    expect(links).to_have_attribute("rel", "noreferrer noopener")
    assert "\nрядок" in message.inner_text()

    olena.composer.fill("```js\nif (a < b) {\n  run();\n}\n```")
    olena.composer.press("Enter")
    block = olena.messages.last
    expect(block.locator("code")).to_have_text("if (a < b) {\n  run();\n}")
    block.get_by_role("button", name="Скопіювати код").click()
    assert olena.page.evaluate("navigator.clipboard.readText()") == "if (a < b) {\n  run();\n}"
