"""Files that people trust: chosen, dropped or pasted, told about before, during and after; none can run."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Locator, expect

from tests.e2e.attaching import SIZES, Gate, send_files
from tests.e2e.people import Person
from tests.harness.servers import Embedded

LIMIT = 200_000
UPLOAD = re.compile(r"/api/(files/upload|uploads)")

DROP = """(element, files) => {
    const transfer = new DataTransfer();
    for (const { name, type, content } of files) {
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type }));
    }
    const send = (kind) => {
        const options = { bubbles: true, cancelable: true };
        const event = kind === "paste"
            ? new ClipboardEvent(kind, { ...options, clipboardData: transfer })
            : new DragEvent(kind, { ...options, dataTransfer: transfer });
        return element.dispatchEvent(event);
    };
    return send;
}"""


def _give(target: Locator, kinds: list[str], *files: Path, type_: str = "image/png") -> list[bool]:
    """Drop or paste files onto an element; for each event, whether the page left it to the browser."""
    described = [
        {"name": file.name, "type": type_, "content": base64.b64encode(file.read_bytes()).decode()} for file in files
    ]
    script = f"(element, {{ files, kinds }}) => kinds.map(({DROP})(element, files))"
    untouched: list[bool] = target.evaluate(script, {"files": described, "kinds": kinds})
    return untouched


@pytest.fixture
def narrow_limit(browser: Browser) -> Iterator[Person]:
    """Somebody whose server takes small files only, looking at their notes."""
    with Embedded(env={"RATE_LIMITS": "off", "MAX_UPLOAD_BYTES": str(LIMIT)}) as server:
        context = browser.new_context(base_url=server.base_url, locale="uk-UA")
        person = Person("Леся", context)
        person.register()
        person.page.goto("/chat/1")
        expect(person.composer).to_be_visible()
        yield person
        context.close()
        assert person.errors == []


def test_one_bad_file_stops_only_itself(pair: tuple[Person, Person], pictures: list[Path], tmp_path: Path) -> None:
    olena, bohdan = pair
    broken = tmp_path / "зламане.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + b"not a picture" * 20)
    olena.attach(pictures[0], broken, pictures[1])
    expect(olena.tray).to_have_count(3)
    bad = olena.tray.filter(has_text="зламане")
    expect(bad.get_by_role("alert")).to_contain_text("Це зображення пошкоджене")
    expect(olena.tray.get_by_role("alert")).to_have_count(1)
    olena.send("дві з трьох")
    expect(bohdan.message("дві з трьох").locator("img")).to_have_count(2)
    expect(olena.tray).to_have_count(1)
    bad.get_by_role("button", name="Прибрати").click()
    expect(olena.tray).to_have_count(0)
    olena.forgive("/api/files/upload", "/api/uploads")


def test_limits_are_told_before_the_upload(narrow_limit: Person, tmp_path: Path) -> None:
    person = narrow_limit
    sent: list[str] = []
    person.page.on(
        "request", lambda request: sent.append(request.post_data or "") if UPLOAD.search(request.url) else None
    )
    large = tmp_path / "завелике.bin"
    large.write_bytes(bytes(LIMIT + 1))
    person.attach(large)
    expect(person.tray.get_by_role("alert")).to_contain_text("Завеликий: щонайбільше 200 кБ")
    small = [tmp_path / f"мале-{number}.txt" for number in range(11)]
    for file in small:
        file.write_text(file.name)
    person.attach(*small)
    expect(person.tray).to_have_count(12)
    expect(person.tray.last.get_by_role("alert")).to_contain_text("щонайбільше 10 файлів")
    expect(person.page.get_by_role("progressbar")).to_have_count(0)
    assert not [body for body in sent if "завелике" in body]
    message = person.send("десять")
    expect(message.get_by_role("link")).to_have_count(10)
    expect(person.tray).to_have_count(2)
    expect(person.tray.get_by_role("alert")).to_have_count(1)


def test_files_are_dropped_anywhere(pair: tuple[Person, Person], pictures: list[Path]) -> None:
    olena, _ = pair
    sidebar = olena.page.get_by_role("navigation")
    assert _give(sidebar, ["dragover"], pictures[0]) == [False]
    expect(olena.page.get_by_text("Відпустіть файли тут")).to_be_visible()
    assert _give(sidebar, ["drop"], pictures[0], pictures[1]) == [False]
    expect(olena.page.get_by_text("Відпустіть файли тут")).to_have_count(0)
    expect(olena.tray).to_have_count(2)
    expect(olena.tray.first.locator("img")).to_have_js_property("naturalWidth", SIZES[0][0])
    olena.page.goto("/chat")
    expect(sidebar.get_by_role("searchbox")).to_be_visible()
    assert _give(olena.page.locator("main"), ["dragover", "drop"], pictures[0]) == [False, False]


def test_pictures_and_files_are_pasted(pair: tuple[Person, Person], pictures: list[Path], tmp_path: Path) -> None:
    olena, bohdan = pair
    note = tmp_path / "нотатка.txt"
    note.write_text("молоко")
    assert _give(olena.composer, ["paste"], pictures[0]) == [False]
    assert _give(olena.page.get_by_role("log"), ["paste"], note, type_="text/plain") == [False]
    expect(olena.tray).to_have_count(2)
    olena.send("вставлене")
    expect(bohdan.message("вставлене").locator("img")).to_have_count(1)
    expect(bohdan.message("вставлене").get_by_role("link", name="нотатка.txt")).to_be_visible()


def test_an_upload_shows_its_progress_and_can_be_cancelled(pair: tuple[Person, Person], tmp_path: Path) -> None:
    olena, bohdan = pair
    olena.page.route(UPLOAD, Gate())
    file = tmp_path / "довге.bin"
    file.write_bytes(bytes(100_000))
    olena.attach(file)
    expect(olena.page.get_by_role("progressbar", name="довге.bin")).to_be_visible()
    expect(olena.tray).to_contain_text(re.compile(r"100\s*кБ"))
    with olena.page.expect_event("requestfailed"):
        olena.page.get_by_role("button", name="Скасувати завантаження довге.bin").click()
    expect(olena.tray).to_have_count(0)
    olena.page.unroute(UPLOAD)
    olena.send("без файлу")
    expect(bohdan.message("без файлу")).to_be_visible()
    assert [row["attachments"] for row in bohdan.rows(olena)] == [[]]
    olena.forgive("net::ERR_")


def test_a_file_that_found_no_connection_is_tried_again(pair: tuple[Person, Person], pictures: list[Path]) -> None:
    olena, _ = pair
    olena.page.route(UPLOAD, lambda route: route.abort("internetdisconnected"))
    olena.attach(pictures[0])
    expect(olena.tray).to_contain_text("чекає на зв’язок")
    olena.page.unroute(UPLOAD)
    olena.tray.get_by_role("button", name="ще раз").click()
    expect(olena.tray).not_to_contain_text("чекає на зв’язок")
    expect(olena.tray.get_by_role("button")).to_have_count(1)
    olena.forgive("net::ERR_")


def test_a_name_survives_the_journey(pair: tuple[Person, Person], tmp_path: Path) -> None:
    olena, bohdan = pair
    report = tmp_path / "Звіт №1 — їжак.pdf"
    report.write_bytes(b"%PDF-1.4\n%%EOF\n")
    send_files(olena, "звіт", report)
    link = bohdan.message("звіт").get_by_role("link", name=report.name)
    expect(link.get_by_title(report.name, exact=True)).to_be_visible()
    with bohdan.page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == report.name
    assert Path(download.value.path()).read_bytes() == report.read_bytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("малюнок.svg", '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'),
        ("сторінка.html", "<!doctype html><script>alert(document.domain)</script><img src=x onerror=alert(1)>"),
        ("прикидається.png.html", "<script>alert(1)</script>"),
    ],
)
def test_what_could_run_is_only_downloaded(
    pair: tuple[Person, Person], tmp_path: Path, name: str, content: str
) -> None:
    olena, bohdan = pair
    file = tmp_path / name
    file.write_text(content)
    dialogs: list[Dialog] = []
    for person in pair:
        person.context.on("dialog", lambda dialog: dialogs.extend([dialog]))
    message = send_files(olena, "обережно", file)
    expect(message).to_have_attribute("data-state", re.compile("sent|delivered|read"))
    received = bohdan.message("обережно")
    expect(received.locator("img")).to_have_count(0)
    link = received.get_by_role("link")
    with bohdan.page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == name
    opened = bohdan.context.new_page()
    opened.goto(bohdan.page.url)  # only a page of this site brings the cookie that opens files
    with opened.expect_download():
        opened.evaluate("address => { location.href = address }", link.get_attribute("href"))
    bohdan.page.wait_for_timeout(300)
    assert dialogs == []
