"""What is written without a connection arrives: once each, in the order of writing, whatever happens to the tab."""

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from tests.e2e.conftest import Meet
from tests.e2e.offline import BLOCKED, NO_NETWORK, TEXTS, go_offline, meet_on_a_line
from tests.e2e.people import Person


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture to send."""
    file = tmp_path / "ліс.png"
    Image.linear_gradient("L").convert("RGB").resize((900, 600)).save(file)
    return file


@pytest.fixture
def pair(meet: Meet) -> tuple[Person, Person]:
    """One of whom loses the connection."""
    return meet_on_a_line(meet)


def _expect_six(person: Person) -> None:
    expect(person.messages).to_have_count(6, timeout=20_000)
    shown = [re.sub(r"\s+", " ", text) for text in person.messages.all_inner_texts()]
    for text, expected in zip(shown, [*TEXTS[:3], "", *TEXTS[3:]], strict=True):
        assert expected in text
    expect(person.messages.nth(3).locator("img")).to_have_js_property("complete", value=True)


def _assert_six_rows(person: Person, other: Person) -> None:
    rows = person.rows(other)
    assert [row["text"] for row in rows] == [*TEXTS[:3], None, *TEXTS[3:]]
    assert [len(row["attachments"]) for row in rows] == [0, 0, 0, 1, 0, 0]
    assert len({row["client_id"] for row in rows}) == 6


def test_five_texts_and_a_file_written_offline_outlive_their_tab(pair: tuple[Person, Person], picture: Path) -> None:
    olena, bohdan = pair
    go_offline(olena)
    for text in TEXTS[:3]:
        expect(olena.send(text)).to_have_attribute("data-state", "sending")
    olena.attach(picture)
    expect(olena.tray).to_have_count(1)
    olena.composer.press("Enter")
    expect(olena.tray).to_have_count(0)
    queued = olena.messages.nth(3)
    expect(queued).to_have_attribute("data-state", "sending")
    expect(queued.locator("img")).to_have_js_property("naturalWidth", 900)
    for text in TEXTS[3:]:
        olena.send(text)
    expect(olena.messages).to_have_count(6)
    assert olena.page.get_by_role("alert").count() == 0

    address = olena.close_tab()
    assert bohdan.rows(olena) == []
    olena.line.mend()
    olena.open_tab(address)
    for person in pair:
        _expect_six(person)
    expect(olena.messages.last).to_have_attribute("data-state", "read")
    _assert_six_rows(olena, bohdan)
    expect(olena.composer).to_have_value("")
    for person in pair:
        person.page.reload()
        _expect_six(person)
    assert bohdan.messages.nth(3).locator("img").evaluate("image => image.naturalWidth") > 0
    olena.forgive(*NO_NETWORK)


def test_what_waits_is_seen_again_and_leaves_when_the_connection_is_back(
    pair: tuple[Person, Person], picture: Path
) -> None:
    olena, bohdan = pair
    go_offline(olena)
    olena.attach(picture)
    olena.composer.fill("з підписом")
    olena.composer.press("Enter")
    address = olena.close_tab()

    # The page loads again, while neither uploads nor the socket get through.
    olena.context.set_offline(False)
    olena.context.route(BLOCKED, lambda route: route.abort("internetdisconnected"))
    olena.open_tab(address)
    waiting = olena.message("з підписом")
    expect(waiting).to_have_attribute("data-state", "sending")
    expect(waiting.locator("img")).to_have_js_property("naturalWidth", 900)
    assert bohdan.rows(olena) == []

    olena.context.unroute(BLOCKED)
    olena.line.mend()
    olena.page.reload()
    expect(bohdan.message("з підписом").locator("img")).to_be_visible(timeout=20_000)
    expect(olena.message("з підписом")).to_have_attribute("data-state", re.compile("sent|delivered|read"))
    assert len(bohdan.rows(olena)) == 1
    olena.forgive(*NO_NETWORK)


def test_coming_back_online_sends_without_a_reload_and_a_second_tab_sends_nothing_twice(
    pair: tuple[Person, Person], picture: Path
) -> None:
    olena, bohdan = pair
    second = olena.context.new_page()
    second.goto(olena.page.url)
    expect(second.get_by_role("log")).to_contain_text("Тут поки тихо")  # it has read the conversation
    uploads: list[str] = []
    olena.context.on("request", lambda request: uploads.append(request.url) if "upload" in request.url else None)

    go_offline(olena)
    for text in TEXTS[:3]:
        olena.send(text)
    olena.attach(picture)
    olena.composer.press("Enter")
    for text in TEXTS[3:]:
        olena.send(text)
    expect(second.get_by_role("log").get_by_role("article")).to_have_count(6)
    olena.composer.fill("ще пишу")
    olena.line.mend()
    for person in pair:
        _expect_six(person)
    _assert_six_rows(olena, bohdan)
    assert len([url for url in uploads if url.endswith("/upload")]) <= 1
    expect(olena.messages.last).to_have_attribute("data-state", "read")
    expect(olena.composer).to_have_value("ще пишу")
    expect(second.get_by_role("log").get_by_role("article")).to_have_count(6)
    olena.forgive(*NO_NETWORK)


def test_a_refused_file_does_not_hold_up_what_was_written_after_it(pair: tuple[Person, Person], tmp_path: Path) -> None:
    olena, bohdan = pair
    broken = tmp_path / "зламане.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + b"not a picture" * 20)
    go_offline(olena)
    olena.attach(broken)
    olena.composer.fill("ось знімок")
    olena.composer.press("Enter")
    olena.send("а це вже без файлу")
    olena.line.mend()

    expect(bohdan.message("а це вже без файлу")).to_be_visible(timeout=20_000)
    failed = olena.message("ось знімок")
    expect(failed).to_have_attribute("data-state", "failed")
    expect(failed.get_by_role("alert")).to_contain_text("зламане.png: Це зображення пошкоджене")
    failed.get_by_role("button", name="Повторити").click()
    expect(failed.get_by_role("alert")).to_be_visible()
    expect(failed).to_have_attribute("data-state", "failed")
    failed.get_by_role("button", name="Видалити").click()
    expect(failed).to_have_count(0)
    olena.page.reload()
    expect(olena.messages).to_have_count(1)
    assert [row["text"] for row in bohdan.rows(olena)] == ["а це вже без файлу"]
    olena.forgive(*NO_NETWORK, "/api/files/upload", "/api/uploads", "/api/files/uploads")


def test_a_failing_server_is_asked_again_until_it_has_the_file(pair: tuple[Person, Person], picture: Path) -> None:
    olena, bohdan = pair
    answers = iter([503, 429, 500])

    def fail(route: Route) -> None:
        status = next(answers, None)
        if status is None:
            route.continue_()
        else:
            route.fulfill(status=status, headers={"Retry-After": "1"}, json={"code": "unavailable"})

    olena.context.route(re.compile(r"/api/(files/upload|uploads)"), fail)
    olena.attach(picture)
    olena.composer.fill("наполегливо")
    olena.composer.press("Enter")
    expect(bohdan.message("наполегливо").locator("img")).to_be_visible(timeout=30_000)
    assert len(bohdan.rows(olena)) == 1
    olena.forgive("/api/files/upload", "/api/uploads")


def test_what_the_browser_cannot_store_stays_in_the_composer(pair: tuple[Person, Person], picture: Path) -> None:
    olena, bohdan = pair
    go_offline(olena)
    olena.page.evaluate(
        """() => { IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError") } }"""
    )
    olena.attach(picture)
    olena.composer.fill("завелике")
    olena.composer.press("Enter")
    expect(olena.page.get_by_text("Браузер не зміг зберегти")).to_be_visible()
    expect(olena.composer).to_have_value("завелике")
    expect(olena.tray).to_have_count(1)
    expect(olena.messages).to_have_count(0)
    olena.line.mend()
    assert bohdan.rows(olena) == []
    olena.forgive(*NO_NETWORK)


def test_drafts_and_chosen_files_stay_with_their_conversation_and_leave_with_the_message(
    pair: tuple[Person, Person], meet: Meet, picture: Path
) -> None:
    olena, bohdan = pair
    vira = meet("Віра")
    vira.register()
    olena.attach(picture)
    olena.composer.fill("недописане")
    olena.find(vira)
    expect(olena.composer).to_have_value("")
    expect(olena.tray).to_have_count(0)
    olena.page.get_by_role("navigation").get_by_role("searchbox").fill("")
    olena.find(bohdan)
    expect(olena.composer).to_have_value("недописане")
    expect(olena.tray).to_have_count(1)

    other = olena.context.new_page()
    other.goto(olena.page.url)
    field = other.get_by_role("main").locator("textarea")
    expect(field).to_have_value("недописане")
    olena.composer.press("Enter")
    expect(olena.message("недописане")).to_have_count(1)
    expect(field).to_have_value("")
    address = olena.close_tab()
    other.reload()
    expect(other.get_by_role("log").get_by_role("article")).to_have_count(1)
    expect(field).to_have_value("")
    olena.open_tab(address)
    expect(olena.messages).to_have_count(1)
    expect(olena.composer).to_have_value("")
    assert olena.tray.count() == 0


def test_an_expired_upload_is_repeated_from_this_browser(pair: tuple[Person, Person], picture: Path) -> None:
    olena, bohdan = pair
    forgotten: list[Any] = []

    def forget(route: Route) -> None:
        """The first upload gets an id that the server does not know, as after a day."""
        if forgotten:
            route.continue_()
            return
        answer = {"id": "00000000-0000-4000-8000-000000000000", "filename": "ліс.png", "content_type": "image/png"}
        answer |= {"size": 10, "width": 900, "height": 600, "url": "/api/files/x", "thumbnail_url": None}  # type: ignore[dict-item]
        forgotten.append(answer)
        route.fulfill(status=201, json=[answer])

    olena.context.route(re.compile(r"/api/files/upload"), forget)
    olena.attach(picture)
    expect(olena.page.get_by_role("progressbar")).to_have_count(0)
    olena.composer.fill("учорашнє")
    olena.composer.press("Enter")
    expect(bohdan.message("учорашнє").locator("img")).to_be_visible(timeout=20_000)
    assert forgotten
    assert len(bohdan.rows(olena)) == 1
