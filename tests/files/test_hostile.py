"""A catalogue of hostile uploads: each has its stated answer, none hurts the service or anybody else."""

import hashlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import httpx2
import pytest

from tests.api.calls import Json, new_client, ok, problem
from tests.api.uploads import post_files, upload
from tests.files import catalogue
from tests.files.bodies import (
    BODIES,
    BOUNDARY,
    CONTENT,
    END,
    NAMES,
    RAWS,
    REQUEST,
    TYPE,
    UNREADABLE,
    Body,
    Raw,
    named,
    part,
)
from tests.files.catalogue import Hostile
from tests.files.site import MIB, Site
from tests.stack.people import Person

pytestmark = pytest.mark.shapes("embedded-s3", "stack-folder")
SLOWEST_HEALTH = 1.0
MOST_GROWTH = 100 * MIB
ANSWER_SECONDS = 20.0
"""The 100,000 frames are counted one by one; all others take far less."""


@dataclass
class Watch:
    """Somebody else, who asks how the service is all the time."""

    base_url: str
    answers: list[tuple[float, int | str]] = field(default_factory=list)
    """How long each took, and its status, or why there is none."""
    is_over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with new_client(self.base_url) as client:
            while not self.is_over.wait(0.05):
                self.ask(client)
            self.ask(client)  # once more, after whatever was done last

    def ask(self, client: httpx2.Client) -> None:
        started = time.monotonic()
        try:
            status: int | str = client.get("/api/chat/health").status_code
        except httpx2.HTTPError as error:
            status = repr(error)
        self.answers.append((time.monotonic() - started, status))


@pytest.fixture(scope="module", autouse=True)
def nobody_else_notices(site: Site, ann: Person) -> Iterator[None]:
    """What all these tests together do to the service, and to somebody else who asks it.

    A fixture, and no last test: processes that share the catalogue each look at what they sent of it.
    """
    upload(ann, "a.png", catalogue.PNG)  # the decoder runs from now on
    upload(ann, "a.jpg", catalogue.WHOLE["jpg"])
    watch = Watch(site.base_url)
    thread = threading.Thread(target=watch.run)
    rss = site.rss()
    thread.start()
    yield
    watch.is_over.set()
    thread.join()
    slowest = max(seconds for seconds, _ in watch.answers)
    grown = site.rss() - rss
    print(f"{site.shape}: {len(watch.answers)} health checks, slowest {slowest:.3f} s; grown {grown / MIB:.1f} MiB")
    assert {status for _, status in watch.answers} == {200}
    assert slowest < SLOWEST_HEALTH
    assert grown < MOST_GROWTH


def fetched(person: Person, file: Json) -> httpx2.Response:
    """The file, after a look at all that is promised of it."""
    answer = person.client.get(file["url"])
    ok_headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-cache",
        "ETag": f'"{hashlib.sha256(answer.content).hexdigest()[:32]}"',
        "Content-Length": str(file["size"]),
    }
    assert answer.status_code == 200
    assert {name: answer.headers[name] for name in ok_headers} == ok_headers
    assert answer.headers["Content-Type"].partition(";")[0] == file["content_type"]
    assert "Content-Encoding" not in answer.headers
    assert "X-Injected" not in answer.headers
    kind, name = disposition(answer)
    is_inline = file["content_type"].partition("/")[0] in ("image", "video", "audio")
    assert (kind, name) == ("inline" if is_inline else "attachment", file["filename"])
    assert len(answer.content) == file["size"]
    return answer


def disposition(answer: httpx2.Response) -> tuple[str, str]:
    (line,) = answer.headers.get_list("Content-Disposition", split_commas=False)
    match = re.fullmatch(r"(\w+); filename=\"[^\"\\\x00-\x1f\x7f-\uffff]*\"; filename\*=UTF-8''([\w.~%-]*)", line)
    assert match, line
    return match[1], unquote(match[2])


@pytest.mark.parametrize("hostile", catalogue.ALL, ids=lambda each: each.name)
def test_a_file_is_what_its_bytes_are_or_refused(ann: Person, hostile: Hostile) -> None:
    started = time.monotonic()
    answer = post_files(ann, (hostile.name, hostile.content, hostile.declared))
    assert time.monotonic() - started < ANSWER_SECONDS
    if hostile.becomes is None:
        problem(answer, 422, "bad_image")
        return
    (file,) = ok(answer, 201)
    assert file["content_type"] == hostile.becomes
    content = fetched(ann, file).content
    if hostile.is_rewritten:
        assert b"SECRET-SCRIPT" not in content
        assert b"PK\x03\x04" not in content
    else:
        assert content == hostile.content
    if file["thumbnail_url"]:
        small = ann.client.get(file["thumbnail_url"])
        assert small.headers["Content-Type"] == "image/webp"
        assert b"SECRET-SCRIPT" not in small.content


def post_raw(person: Person, content: bytes, kind: str = TYPE) -> httpx2.Response:
    return person.client.post("/api/files/upload", content=content, headers={"Content-Type": kind})


@pytest.mark.parametrize(("given", "kept"), NAMES)
def test_a_name_is_kept_as_far_as_it_is_harmless(ann: Person, given: bytes, kept: str) -> None:
    (file,) = ok(post_raw(ann, part(named(given)) + END), 201)
    assert file["filename"] == kept
    assert fetched(ann, file).content == CONTENT


@pytest.mark.parametrize("given", UNREADABLE)
def test_a_name_that_cannot_be_read_is_refused_or_harmless(ann: Person, given: bytes) -> None:
    answer = post_raw(ann, part(named(given)) + END)
    if answer.status_code != 201:
        problem(answer, 422)
        return
    (file,) = answer.json()
    assert re.fullmatch(r"[^/\\\x00-\x1f\ud800-\udfff]+", file["filename"])
    assert fetched(ann, file).content == CONTENT


@pytest.mark.parametrize("declared", [b"text/html\r\nX-Injected: yes", b"a\x00b", b"\xff\xfe", b"text/html;" * 100])
def test_a_declared_type_counts_for_nothing(ann: Person, declared: bytes) -> None:
    answer = post_raw(ann, part(named(b"a.txt") + b"\r\nContent-Type: " + declared) + END)
    if answer.status_code != 201:
        problem(answer, 422)
        return
    (file,) = answer.json()
    assert (file["content_type"], fetched(ann, file).content) == ("text/plain", CONTENT)


@pytest.mark.parametrize("body", BODIES, ids=lambda each: each.name)
def test_a_multipart_body_is_read_or_refused(ann: Person, body: Body) -> None:
    answer = post_raw(ann, body.content, body.kind)
    assert answer.status_code == body.status, answer.text[:300]
    if answer.status_code != 201:
        problem(answer, answer.status_code)
        return
    for file in answer.json():
        assert re.fullmatch(r"[^/\\]+", file["filename"])
        content = fetched(ann, file).content
        assert content in body.content
        assert BOUNDARY.encode() not in content


@pytest.mark.parametrize("raw", RAWS, ids=lambda each: each.name)
def test_a_request_that_lies_about_its_length_leaves_nothing(site: Site, ann: Person, raw: Raw) -> None:
    address = urlsplit(site.base_url)
    before = set(site.objects())
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        head = REQUEST.format(host=address.netloc, token=ann.token) + f"\r\nConnection: close\r\n{raw.headers}\r\n\r\n"
        connection.sendall(head.encode() + raw.content)
        if raw.is_cut:
            connection.shutdown(socket.SHUT_WR)
        answer = received(connection)
    status = int(answer.split()[1]) if answer else 0
    assert status == raw.status, answer[:300]
    final = [int(code) for code in re.findall(rb"HTTP/1\.1 (\d\d\d) ", answer)]
    assert len(set(site.objects()) - before) == final.count(201)


def received(connection: socket.socket) -> bytes:
    """All that is sent until the connection ends, however it ends."""
    answer = b""
    try:
        while data := connection.recv(65536):
            answer += data
    except ConnectionError:
        pass
    return answer
