"""Uploading files and getting the same bytes back."""

import re
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import httpx2
import pytest

from tests.api.calls import UUID, body_to, ok, problem, send, until
from tests.api.uploads import ATTACHMENT_KEYS, post_files, upload
from tests.stack.people import Person

NAMES = ["Звіт №1 — їжак.pdf", "name with spaces.txt", "name;with;semicolons.txt", "☕.txt", "under_score"]
NAMES += ["%41%00.txt", "a'b.txt", "e\u0301.txt", "no-extension", ".hidden", "a,b=c.txt", "x" * 100 + ".txt"]


def disposition(answer: httpx2.Response) -> tuple[str, str]:
    header = answer.headers["Content-Disposition"]
    extended = re.search(r"filename\*=UTF-8''([^;]+)", header, re.IGNORECASE)
    plain = re.search(r'filename="((?:[^"\\]|\\.)*)"|filename=([^;\s]+)', header)
    assert extended or plain, header
    name = unquote(extended[1]) if extended else (plain[1] or plain[2])  # type: ignore[index]
    return header.partition(";")[0].strip(), name


def test_several_files_come_back_in_order_with_their_bytes(ann: Person, bob: Person) -> None:
    files = [(name, f"content of {number}".encode() * number) for number, name in enumerate(NAMES[:10])]
    attachments = ok(post_files(ann, *files), 201)

    assert [attachment["filename"] for attachment in attachments] == NAMES[:10]
    message = send(ann, bob, None, attachment_ids=[attachment["id"] for attachment in attachments])
    assert message["text"] is None
    assert message["attachments"] == attachments
    for attachment, (_, content) in zip(attachments, files, strict=True):
        assert attachment.keys() == ATTACHMENT_KEYS
        assert UUID.fullmatch(attachment["id"])
        assert attachment["url"].startswith(f"/api/files/{attachment['id']}")
        assert (attachment["size"], attachment["width"], attachment["thumbnail_url"]) == (len(content), None, None)
        assert bob.client.get(attachment["url"]).content == content


@pytest.mark.parametrize("name", NAMES)
def test_a_name_comes_back_as_it_was(ann: Person, name: str) -> None:
    attachment = upload(ann, name)
    assert attachment["filename"] == name
    assert disposition(ann.client.get(attachment["url"])) == ("attachment", name)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..",
        ".",
        "/etc/passwd",
        "C:\\x\\y.txt",
        "a/b",
        "x" * 5000,
        "a\u202egpj.exe",
        " ",
        "a\x07b.txt",
        "CON",
        "ї" * 300,
    ],
)
def test_a_dangerous_name_is_harmless_or_refused(ann: Person, name: str) -> None:
    answer = post_files(ann, (name, b"content"))
    if answer.status_code == 422:
        problem(answer, 422)
        return
    (attachment,) = ok(answer, 201)
    shown = attachment["filename"]
    assert shown
    assert not re.search(r"[/\\\x00-\x1f\u202e]", shown)
    assert shown not in (".", "..")
    assert len(shown) <= 255
    fetched = ann.client.get(attachment["url"])
    assert (fetched.content, disposition(fetched)[1]) == (b"content", shown)


@pytest.mark.parametrize(
    "filename",
    [b'"a\x00b.txt"', b'"a\\r\\nX: y"', b'"\xff\xfe.txt"', b'""', b'"a"; filename="b"', b"\"a\"; filename*=UTF-8''b"],
)
def test_a_strange_part_header_is_no_5xx(ann: Person, filename: bytes) -> None:
    body = b'--B\r\nContent-Disposition: form-data; name="files"; filename=' + filename + b"\r\n\r\nx\r\n--B--\r\n"
    answer = ann.client.post(
        "/api/files/upload", content=body, headers={"Content-Type": "multipart/form-data; boundary=B"}
    )
    assert answer.status_code in (201, 400, 422)
    if answer.status_code == 201:
        fetched = ann.client.get(answer.json()[0]["url"])
        assert fetched.content == b"x"
        assert "X" not in fetched.headers


def test_an_empty_file_is_a_file(ann: Person, bob: Person) -> None:
    attachment = upload(ann, "empty.txt", b"")
    assert attachment["size"] == 0
    send(ann, bob, None, attachment_ids=[attachment["id"]])
    answer = bob.client.get(attachment["url"])
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "0")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("page.html", b"<script>alert(1)</script>", "text/html"),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "image/svg+xml"),
        ("a.pdf", b"%PDF-1.4\n", "application/pdf"),
        ("a.txt", b"plain", "text/plain"),
        ("a.js", b"alert(1)", "text/javascript"),
        ("a.txt", b"<html>", "video/mp4"),
        ("a.bin", b"\x00\x01", "text/html\r\nX: y"[:9]),
        ("a.bin", b"MZ\x90\x00", ""),
        ("a.bin", b"x", "a" * 300 + "/b"),
    ],
)
def test_what_could_act_is_only_ever_downloaded(ann: Person, name: str, content: bytes, kind: str) -> None:
    attachment = upload(ann, name, content, kind)
    answer = ann.client.get(attachment["url"])

    assert answer.content == content
    assert disposition(answer) == ("attachment", name)
    assert answer.headers["Content-Type"].partition(";")[0] == attachment["content_type"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["ETag"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(64), "video/mp4"),
        (
            b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm" + bytes(64),
            "video/webm",
        ),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x64" + bytes(400), "audio/mpeg"),
        (b"OggS\x00\x02" + bytes(64), "audio/ogg"),
    ],
)
def test_sound_and_film_are_shown_by_their_sniffed_type(ann: Person, content: bytes, kind: str) -> None:
    answer = ann.client.get(upload(ann, "a.txt", content, "text/plain")["url"])
    assert disposition(answer)[0] == "inline"
    assert answer.headers["Content-Type"].replace("application/ogg", "audio/ogg") == kind


def test_more_than_ten_files_or_none_are_422_and_none_is_kept(ann: Person) -> None:
    problem(post_files(ann, *[(f"{number}.txt", b"x") for number in range(11)]), 422)
    problem(ann.client.post("/api/files/upload", files=[("files", (None, "text"))]), 422)
    problem(ann.client.post("/api/files/upload", files=[("other", ("a.txt", b"x"))]), 422)
    assert len(ok(post_files(ann, *[(f"{number}.txt", b"x") for number in range(10)]), 201)) == 10


def test_over_the_size_limit_is_413(ann: Person) -> None:
    problem(post_files(ann, ("a.bin", bytes(26_214_401))), 413)


@pytest.mark.parametrize("ids", [["x"], [7], [None], "x", {}, ["" * 3], [str(uuid4())] * 2, None])
def test_attachment_ids_are_a_list_of_uuids(ann: Person, bob: Person, ids: Any) -> None:
    problem(ann.client.post("/api/messages", json=body_to(bob, attachment_ids=ids)), 422)


def test_eleven_attachments_are_422(ann: Person, bob: Person) -> None:
    ids = [upload(ann)["id"] for _ in range(11)]
    problem(ann.client.post("/api/messages", json=body_to(bob, attachment_ids=ids)), 422)
    assert len(send(ann, bob, None, attachment_ids=[each.upper() for each in ids[:10]])["attachments"]) == 10


def test_a_file_is_in_one_message_only(ann: Person, bob: Person, eve: Person) -> None:
    mine, theirs = upload(ann), upload(bob)
    message = send(ann, bob, None, attachment_ids=[mine["id"]])

    for file_id, status in ((mine["id"], 409), (theirs["id"], 404), (str(uuid4()), 404)):
        fresh = upload(ann)
        problem(ann.client.post("/api/messages", json=body_to(eve, attachment_ids=[fresh["id"], file_id])), status)
        send(ann, bob, None, attachment_ids=[fresh["id"]])
    problem(bob.client.post("/api/messages", json=body_to(ann, attachment_ids=[mine["id"]])), 404)
    assert message["attachments"] == [mine]


def test_deleting_the_message_deletes_its_files_within_a_second(ann: Person, bob: Person) -> None:
    file, kept = upload(ann), upload(ann)
    send(ann, bob, None, attachment_ids=[kept["id"]])
    message = send(ann, bob, "with a file", attachment_ids=[file["id"]])
    etag = ok_response(bob, file["url"]).headers["ETag"]

    ok(ann.client.delete(f"/api/messages/{message['id']}"), 204)

    for person in (ann, bob):
        assert until(lambda client=person.client: client.get(file["url"]).status_code == 404, 1.0)  # type: ignore[misc]
        problem(person.client.get(file["url"], headers={"If-None-Match": etag}), 404)
        problem(person.client.get(file["url"], headers={"Range": "bytes=0-1"}), 404)
        assert person.client.head(file["url"]).status_code == 404
        ok_response(person, kept["url"])


def ok_response(person: Person, url: str) -> httpx2.Response:
    answer = person.client.get(url)
    assert answer.status_code == 200
    return answer
