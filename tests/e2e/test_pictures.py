"""Pictures: their places are kept from the start, and a lightbox shows them large."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.attaching import SIZES, Gate, send_files
from tests.e2e.people import Line, Person


def _boxes(person: Person, message: Locator) -> list[Any]:
    found = [message.bounding_box(), *(link.bounding_box() for link in message.get_by_role("link").all())]
    assert all(box and box["width"] > 40 and box["height"] > 40 for box in found), found
    return found


@pytest.mark.parametrize("count", [1, 3, 5])
@pytest.mark.parametrize("width", [1280, 360])
def test_pictures_do_not_move_anything_when_they_come(
    pair: tuple[Person, Person], pictures: list[Path], count: int, width: int
) -> None:
    olena, bohdan = pair
    send_files(olena, "дивись", *pictures[:count])
    expect(bohdan.message("дивись").get_by_role("link")).to_have_count(count)
    bohdan.page.set_viewport_size({"width": width, "height": 800})
    thumbnails = Gate()
    bohdan.page.route(re.compile("/thumbnail"), thumbnails)
    bohdan.page.reload()
    message = bohdan.message("дивись")
    expect(message.get_by_role("link")).to_have_count(count)
    before = _boxes(bohdan, message)
    assert message.locator("img").first.evaluate("image => image.naturalWidth") == 0
    thumbnails.open()
    for image in message.locator("img").all():
        expect(image).not_to_have_js_property("naturalWidth", 0)
    assert _boxes(bohdan, message) == before
    assert bohdan.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1280, 360])
def test_what_was_just_sent_does_not_move_when_the_server_has_it(
    pair: tuple[Person, Person], pictures: list[Path], width: int
) -> None:
    olena, _ = pair
    olena.page.set_viewport_size({"width": width, "height": 800})
    line = Line(olena.context)
    olena.page.reload()
    expect(olena.page.get_by_text("Тут поки тихо")).to_be_visible()
    line.cut()
    olena.attach(*pictures[:3])
    for image in olena.tray.locator("img").all():
        expect(image).not_to_have_js_property("naturalWidth", 0)
    message = olena.send("мої")
    expect(message.get_by_role("link")).to_have_count(3)
    before = _boxes(olena, message)
    line.mend()
    expect(message).to_have_attribute("data-state", re.compile("sent|delivered|read"), timeout=20_000)
    expect(message.get_by_role("link").first).to_have_attribute("href", re.compile("^/api/files/"))
    after = _boxes(olena, message)
    # The notice of the lost connection went away above.
    assert [(box["x"], box["width"], box["height"]) for box in after] == [
        (box["x"], box["width"], box["height"]) for box in before
    ]
    olena.forgive("net::ERR_", "WebSocket connection to")


def test_a_picture_that_cannot_be_shown_is_still_a_file(pair: tuple[Person, Person], pictures: list[Path]) -> None:
    olena, bohdan = pair
    bohdan.page.route(re.compile("/thumbnail"), lambda route: route.fulfill(status=404))
    send_files(olena, "десь тут", pictures[0])
    link = bohdan.message("десь тут").get_by_role("link", name="Завантажити світлина 1.png")
    expect(link).to_have_attribute("href", re.compile("^/api/files/"))
    bohdan.forgive("/thumbnail")


def test_the_lightbox_is_used_by_keyboard_and_gives_the_focus_back(
    pair: tuple[Person, Person], pictures: list[Path]
) -> None:
    olena, bohdan = pair
    send_files(olena, "альбом", *pictures)
    page = bohdan.page
    links = bohdan.message("альбом").get_by_role("link")
    expect(links).to_have_count(5)
    links.nth(1).focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("dialog")
    picture = box.locator("img")
    steps = [("", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("End", 5), ("ArrowRight", 5), ("Home", 1), ("ArrowLeft", 1)]
    for key, position in steps:
        if key:
            page.keyboard.press(key)
        expect(box.get_by_text(f"{position} / 5")).to_be_visible()
        expect(picture).to_have_attribute("alt", f"світлина {position}.png")
        expect(picture).to_have_js_property("naturalWidth", SIZES[position - 1][0])
    for _ in range(8):
        page.keyboard.press("Tab")
        assert (
            page.evaluate("!document.activeElement.closest('dialog') && document.activeElement !== document.body")
            is False
        )
    download = box.get_by_role("link", name="Завантажити")
    expect(download).to_have_attribute("href", re.compile("^/api/files/"))
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(links.nth(1)).to_be_focused()


def test_the_lightbox_zooms_and_closes_by_mouse(pair: tuple[Person, Person], pictures: list[Path]) -> None:
    olena, bohdan = pair
    send_files(olena, "широке", pictures[3])
    page = bohdan.page
    link = bohdan.message("широке").get_by_role("link")
    link.click()
    box = page.get_by_role("dialog")
    picture = box.locator("img")
    expect(picture).to_have_js_property("naturalWidth", 2000)
    box.evaluate("dialog => Promise.all(dialog.getAnimations().map((animation) => animation.finished))")
    fitting = picture.bounding_box()
    assert fitting
    assert fitting["width"] <= 1280
    assert fitting["width"] / fitting["height"] == pytest.approx(4, rel=0.02)
    picture.click()
    expect(box.get_by_role("button", name="Справжній розмір")).to_have_attribute("aria-pressed", "true")
    zoomed = picture.bounding_box()
    assert zoomed
    assert (zoomed["width"], zoomed["height"]) == (2000, 500)
    picture.click()
    assert picture.bounding_box() == fitting
    page.mouse.click(640, 700)
    expect(box).to_have_count(0)
    expect(link).to_be_focused()
