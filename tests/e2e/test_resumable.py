"""Large files on a bad line: what the server has is not sent again."""

import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.people import Person
from tests.harness.servers import Embedded

SIZE = 12_000_000
PIECE = 64 * 1024
BREAK_AFTER = 2_700_000


class BadLine:
    """A way to the server that counts what goes up, breaks when told, or swallows everything in silence."""

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        self._target = (address.hostname or "127.0.0.1", address.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.sent_up = 0
        """Bytes that arrived from the browser, with headers and all."""
        self.breaks_left = 0
        """How often a connection is still to be broken, after it brought BREAK_AFTER bytes."""
        self.holds_after: int | None = None
        """Nothing of a connection gets further than this, and nobody is told."""
        self.broken = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                threading.Thread(target=self._up, args=(browser, server), daemon=True).start()
                threading.Thread(target=self._down, args=(server, browser), daemon=True).start()

    def _up(self, browser: socket.socket, server: socket.socket) -> None:
        brought = 0
        with suppress(OSError):
            while data := browser.recv(PIECE):
                brought += len(data)
                with self._lock:
                    self.sent_up += len(data)
                    breaks = brought > BREAK_AFTER and self.breaks_left > 0
                    if breaks:
                        self.breaks_left -= 1
                        self.broken += 1
                if self.holds_after is not None and brought > self.holds_after:
                    browser.recv(1)  # the browser's buffers fill up, and it waits
                    threading.Event().wait(30)
                    break
                server.sendall(data)
                if breaks:
                    break
        _close(browser, server)

    def _down(self, server: socket.socket, browser: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(PIECE):
                browser.sendall(data)
        _close(browser, server)


def _close(*sockets: socket.socket) -> None:
    for each in sockets:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


@pytest.fixture
def line() -> Iterator[BadLine]:
    """A server at the end of a bad line."""
    with Embedded(env={"RATE_LIMITS": "off"}) as server, BadLine(server.base_url) as line:
        yield line


@pytest.fixture
def person(browser: Browser, line: BadLine) -> Iterator[Person]:
    """Somebody behind it, looking at their notes."""
    person = Person("Леся", browser.new_context(base_url=line.base_url, locale="uk-UA"))
    person.register()
    person.page.goto("/chat/1")
    expect(person.composer).to_be_visible()
    yield person
    person.context.close()
    # A part that the browser sent once more by itself, although the server had some of it, is refused.
    person.forgive("net::ERR_", "WebSocket connection to", "409 (Conflict)")
    assert person.errors == []


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Twelve megabytes that nothing can compress or confuse."""
    file = tmp_path / "фільм.bin"
    file.write_bytes(b"".join(hashlib.sha512(str(number).encode()).digest() for number in range(SIZE // 64 + 1))[:SIZE])
    return file


def _download(person: Person, name: str) -> bytes:
    link = person.messages.get_by_role("link", name=name)
    expect(link).to_have_attribute("href", re.compile("^/api/files/"), timeout=60_000)
    answer = person.context.request.get(link.get_attribute("href") or "", timeout=60_000)
    assert answer.ok
    return answer.body()


def test_a_large_file_arrives_whole_over_a_line_that_breaks(person: Person, line: BadLine, film: Path) -> None:
    line.sent_up = 0
    line.breaks_left = 3
    person.attach(film)
    person.send("довге")
    assert _download(person, film.name) == film.read_bytes()
    share = line.sent_up / SIZE
    print(f"\n{line.broken} breaks, {share:.3f} of the size sent")
    assert line.broken == 3
    assert share <= 1.3


def test_after_a_reload_it_goes_on_where_it_was(person: Person, line: BadLine, film: Path) -> None:
    line.sent_up = 0
    line.holds_after = 6_000_000
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(f"{request.method} {urlsplit(request.url).path}"))
    with person.page.expect_request(lambda request: request.method == "PATCH"):
        person.attach(film)
    person.send("по частинах")
    for _ in range(100):
        if line.sent_up > 6_000_000:
            break
        person.page.wait_for_timeout(100)
    person.page.wait_for_timeout(500)
    line.holds_after = None
    person.page.reload()
    assert _download(person, film.name) == film.read_bytes()
    made = [call for call in asked if call == "POST /api/files/uploads"]
    share = line.sent_up / SIZE
    print(f"\nafter a reload {share:.3f} of the size sent")
    assert len(made) == 1, asked
    assert any(call.startswith("HEAD ") for call in asked)
    assert share <= 1.3


def test_a_cancelled_upload_is_given_up_on_the_server_too(person: Person, line: BadLine, film: Path) -> None:
    line.holds_after = 6_000_000
    with person.page.expect_request(lambda request: request.method == "PATCH"):
        person.attach(film)
    with person.page.expect_response(lambda response: response.request.method == "DELETE") as ended:
        person.page.get_by_role("button", name=f"Скасувати завантаження {film.name}").click()
    assert ended.value.status == 204
    expect(person.tray).to_have_count(0)


def test_a_small_file_goes_in_one_request(person: Person, tmp_path: Path) -> None:
    small = tmp_path / "мале.bin"
    small.write_bytes(b"x" * 1_000_000)
    with person.page.expect_response("**/api/files/upload") as uploaded:
        person.attach(small)
    assert uploaded.value.status == 201
    person.send("мале")
    assert _download(person, small.name) == small.read_bytes()
