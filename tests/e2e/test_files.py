"""Files that people trust: chosen, dropped or pasted; told before, during and after; shown without a jump."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Dialog, Locator, Route, expect

from tests.e2e.conftest import Meet
from tests.e2e.people import Line, Person
from tests.harness.servers import Embedded

LIMIT = 200_000
UPLOAD = re.compile(r"/api/(files/upload|uploads)")
SIZES = [(1600, 900), (600, 900), (1000, 1000), (2000, 500), (300, 200)]
SILENCE = b"\xff\xfb\x90\x00" + bytes(413)
"""A frame of MP3: 26 ms of nothing at 128 kbit/s."""
COLOURS = ["#c0392b", "#27ae60", "#2980b9", "#8e44ad", "#f39c12"]

RECORD = """async () => {
    const canvas = document.createElement("canvas");
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm; codecs=vp8" });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
    recorder.start(100);
    for (let shade = 0; shade < 25; shade += 1) {
        canvas.getContext("2d").fillStyle = `hsl(${shade * 10} 80% 50%)`;
        canvas.getContext("2d").fillRect(0, 0, canvas.width, canvas.height);
        await new Promise((resolve) => { setTimeout(resolve, 40); });
    }
    recorder.stop();
    await stopped;
    return Array.from(new Uint8Array(await new Blob(parts).arrayBuffer()));
}"""

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


class Gate:
    """Holds requests back until it is opened."""

    def __init__(self) -> None:
        self._held: list[Route] = []
        self._is_open = False

    def __call__(self, route: Route) -> None:
        if self._is_open:
            route.continue_()
        else:
            self._held.append(route)

    def open(self) -> None:
        """Let everything through."""
        self._is_open = True
        for route in self._held:
            route.continue_()


def _give(target: Locator, kinds: list[str], *files: Path, type_: str = "image/png") -> list[bool]:
    """Drop or paste files onto an element; for each event, whether the page left it to the browser."""
    described = [
        {"name": file.name, "type": type_, "content": base64.b64encode(file.read_bytes()).decode()} for file in files
    ]
    script = f"(element, {{ files, kinds }}) => kinds.map(({DROP})(element, files))"
    untouched: list[bool] = target.evaluate(script, {"files": described, "kinds": kinds})
    return untouched


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Pictures of different shapes and colours."""
    files = []
    for number, (size, colour) in enumerate(zip(SIZES, COLOURS, strict=True), 1):
        file = tmp_path / f"світлина {number}.png"
        Image.new("RGB", size, colour).save(file)
        files.append(file)
    return files


@pytest.fixture
def pair(meet: Meet) -> tuple[Person, Person]:
    """Two people, each looking at the conversation with the other."""
    olena, bohdan = meet("Олена"), meet("Богдан")
    olena.register()
    bohdan.register()
    olena.find(bohdan)
    bohdan.find(olena)
    return olena, bohdan


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


def _send_files(person: Person, text: str, *files: Path) -> Locator:
    person.attach(*files)
    return person.send(text)


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
    _send_files(olena, "дивись", *pictures[:count])
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
    _send_files(olena, "десь тут", pictures[0])
    link = bohdan.message("десь тут").get_by_role("link", name="Завантажити світлина 1.png")
    expect(link).to_have_attribute("href", re.compile("^/api/files/"))
    bohdan.forgive("/thumbnail")


def test_the_lightbox_is_used_by_keyboard_and_gives_the_focus_back(
    pair: tuple[Person, Person], pictures: list[Path]
) -> None:
    olena, bohdan = pair
    _send_files(olena, "альбом", *pictures)
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
    _send_files(olena, "широке", pictures[3])
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


def test_audio_plays_from_anywhere(pair: tuple[Person, Person], tmp_path: Path) -> None:
    olena, bohdan = pair
    song = tmp_path / "пісня.mp3"
    song.write_bytes(SILENCE * 4000)
    parts: list[str] = []
    bohdan.page.on("request", lambda request: parts.append(request.headers.get("range", "")))
    _send_files(olena, "послухай", song)
    player = bohdan.message("послухай").locator("audio[controls]")
    expect(player).to_have_js_property("readyState", 4, timeout=15_000)
    assert player.evaluate("audio => audio.duration") == pytest.approx(104.5, abs=1)
    position = player.evaluate(
        """audio => new Promise((resolve) => {
            audio.onseeked = () => resolve(audio.currentTime);
            audio.currentTime = 90;
        })"""
    )
    assert position == pytest.approx(90, abs=0.1)
    assert any(part.startswith("bytes=") for part in parts)
    expect(bohdan.message("послухай").get_by_role("link", name="пісня.mp3")).to_be_visible()


def test_video_plays_in_place_of_the_same_size(pair: tuple[Person, Person], tmp_path: Path) -> None:
    olena, bohdan = pair
    scratch = olena.context.new_page()
    film = tmp_path / "фільм.webm"
    film.write_bytes(bytes(scratch.evaluate(RECORD)))
    scratch.close()
    _send_files(olena, "подивись", film)
    player = bohdan.message("подивись").locator("video[controls][preload=metadata]")
    expect(player).to_be_visible()
    before = player.bounding_box()
    expect(player).to_have_js_property("videoWidth", 300)
    assert player.bounding_box() == before
    player.evaluate("video => { video.muted = true; return video.play(); }")
    expect(player).to_have_js_property("ended", value=True, timeout=10_000)
    player.evaluate("video => { video.currentTime = 0.2; }")
    expect(player).to_have_js_property("seeking", value=False)
    assert player.evaluate("video => video.currentTime") == pytest.approx(0.2, abs=0.05)


def test_a_broken_recording_is_still_a_file(pair: tuple[Person, Person], tmp_path: Path) -> None:
    olena, bohdan = pair
    song = tmp_path / "тиша.ogg"
    song.write_bytes(b"OggS" + bytes(200))
    _send_files(olena, "не грає", song)
    expect(bohdan.message("не грає").get_by_role("link", name="тиша.ogg")).to_be_visible()
    expect(bohdan.message("не грає").locator("audio")).to_have_count(0)


def test_a_name_survives_the_journey(pair: tuple[Person, Person], tmp_path: Path) -> None:
    olena, bohdan = pair
    report = tmp_path / "Звіт №1 — їжак.pdf"
    report.write_bytes(b"%PDF-1.4\n%%EOF\n")
    _send_files(olena, "звіт", report)
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
    message = _send_files(olena, "обережно", file)
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
