"""Two people register, find each other, talk with files, edit, delete, reload: in both languages."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.conftest import Meet
from tests.e2e.people import ARRIVED

TEXTS = {
    "uk-UA": ("Привіт! Як справи?", "Усе добре, дякую 🙂", "Надіслала три файли", "Виправлено", "Зайве"),
    "en-US": ("Hello! How are you?", "Fine, thank you 🙂", "Three files for you", "Corrected", "Too much"),
}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A picture, a document with a Ukrainian name, and a text."""
    picture = tmp_path / "світанок.png"
    Image.linear_gradient("L").convert("RGB").resize((800, 500)).save(picture)
    document = tmp_path / "Звіт №1 — їжак.pdf"
    document.write_bytes(b"%PDF-1.4\n%%EOF\n")
    note = tmp_path / "нотатки.txt"
    note.write_text("молоко, хліб\n")
    return [picture, document, note]


@pytest.mark.parametrize("locale", ["uk-UA", "en-US"])
def test_two_people_talk(meet: Meet, files: list[Path], locale: str) -> None:
    hello, answer, with_files, corrected, unwanted = TEXTS[locale]
    olena, bohdan = meet("Олена", locale=locale), meet("Богдан", locale=locale)
    olena.register()
    bohdan.register()
    expect(olena.page.locator("html")).to_have_attribute("lang", locale[:2])

    olena.find(bohdan)
    sent = olena.send(hello)
    expect(sent).to_have_attribute("data-state", ARRIVED)
    bohdan.page.get_by_role("navigation").get_by_role("link", name="Олена").click()
    expect(bohdan.message(hello)).to_be_visible()
    expect(sent).to_have_attribute("data-state", "read")
    bohdan.send(answer)
    expect(olena.message(answer)).to_be_visible()

    olena.attach(*files)
    olena.send(with_files)
    received = bohdan.message(with_files)
    expect(received.locator("img")).to_have_js_property("complete", value=True)
    assert received.locator("img").evaluate("image => image.naturalWidth") > 0
    for file in files[1:]:
        assert (received.get_by_role("link", name=file.name).get_attribute("href") or "").startswith("/api/files/")
    with bohdan.page.expect_download() as download:
        received.get_by_role("link", name=files[1].name).click()
    assert download.value.suggested_filename == files[1].name
    assert Path(download.value.path()).read_bytes() == files[1].read_bytes()

    olena.act(olena.message(hello), "edit")
    olena.composer.fill(corrected)
    olena.composer.press("Enter")
    expect(bohdan.message(corrected)).to_be_visible()
    expect(bohdan.message(hello)).to_have_count(0)

    olena.send(unwanted)
    expect(bohdan.message(unwanted)).to_be_visible()
    olena.act(olena.message(unwanted), "delete")
    olena.confirm()
    expect(bohdan.message(unwanted)).to_have_count(0)
    expect(bohdan.messages).to_have_count(4)

    before = bohdan.read_all()
    for person in (olena, bohdan):
        person.page.reload()
        expect(person.messages).to_have_count(4)
        expect(person.message(with_files).locator("img")).to_be_visible()
    assert bohdan.read_all() == before
