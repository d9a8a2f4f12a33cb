"""Resumable uploads: the MUSTs of https://tus.io/protocols/resumable-upload and what this API adds to them."""

import hashlib
import re
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx2
import pytest

from tests.api.calls import UUID, Json, bearer, body_to, ok, problem, send
from tests.api.uploads import image, upload
from tests.files.conftest import Newcomer
from tests.files.site import MAX_UPLOAD_BYTES, QUOTA_BYTES, Site
from tests.files.tus import (
    CHUNK_TYPE,
    UPLOADS,
    VERSION,
    create,
    creation,
    finish,
    look,
    metadata,
    offset_of,
    patch,
    upload_in_parts,
)
from tests.stack.people import Person

pytestmark = pytest.mark.shapes("embedded-folder", "stack-s3")
MAX_OPEN = 100


def test_the_server_says_what_it_can(visitor: httpx2.Client, ann: Person) -> None:
    answer = ann.client.options(UPLOADS)  # no Tus-Resumable here
    assert answer.status_code in (200, 204)
    assert "1.0.0" in answer.headers["Tus-Version"].split(",")
    assert set(answer.headers["Tus-Extension"].split(",")) >= {"creation", "termination", "expiration"}
    assert answer.headers["Tus-Max-Size"] == str(MAX_UPLOAD_BYTES)
    assert answer.headers["Tus-Resumable"] == "1.0.0"


@pytest.mark.parametrize("version", [None, "0.2.2", "1.0", "1.0.1", "", "1.0.0, 1.0.0"])
def test_another_version_is_412_and_nothing_is_done(ann: Person, version: str | None) -> None:
    location = create(ann.client, 4)
    told = {} if version is None else {"Tus-Resumable": version}
    whole = told | CHUNK_TYPE | {"Upload-Offset": "0"}
    for answer in (
        ann.client.post(UPLOADS, headers=told | {"Upload-Length": "4"}),
        ann.client.patch(location, headers=whole, content=b"abcd"),
        ann.client.delete(location, headers=told),
    ):
        problem(answer, 412)
        assert (answer.headers["Tus-Version"], answer.headers["Tus-Resumable"]) == ("1.0.0", "1.0.0")
    assert ann.client.head(location, headers=told).status_code == 412
    assert offset_of(ann.client, location) == 0


def test_creation_says_where_the_bytes_go(ann: Person) -> None:
    answer = creation(ann.client, 10)
    ok(answer, 201)
    assert re.fullmatch(f"{UPLOADS}/{UUID.pattern}", answer.headers["Location"])
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.content == b""
    found = look(ann.client, answer.headers["Location"])
    assert (found.headers["Upload-Offset"], found.headers["Upload-Length"]) == ("0", "10")
    assert found.headers["Cache-Control"] == "no-store"
    assert found.headers["Tus-Resumable"] == "1.0.0"
    left = parsedate_to_datetime(found.headers["Upload-Expires"]) - parsedate_to_datetime(found.headers["Date"])
    assert timedelta(hours=23.9) < left <= timedelta(hours=24, seconds=2)  # Date is refreshed now and then
    assert found.headers["Upload-Expires"] == answer.headers["Upload-Expires"]
    assert found.headers["Upload-Expires"].endswith("GMT")


@pytest.mark.parametrize("length", ["-1", "x", "1.5", "", "٣", "0x10", "1e3", "9" * 400, "+1"])
def test_a_length_that_is_none_is_422(ann: Person, length: str) -> None:
    answer = ann.client.post(UPLOADS, headers=[(b"Tus-Resumable", b"1.0.0"), (b"Upload-Length", length.encode())])
    problem(answer, 422)


def test_no_length_or_a_length_that_comes_later_is_422(ann: Person) -> None:
    """Without the creation-defer-length extension a size is needed from the beginning."""
    problem(ann.client.post(UPLOADS, headers=VERSION), 422)
    problem(ann.client.post(UPLOADS, headers=VERSION | {"Upload-Defer-Length": "1"}), 422)


def test_over_the_limit_is_413_at_once(ann: Person) -> None:
    problem(creation(ann.client, MAX_UPLOAD_BYTES + 1), 413)
    problem(creation(ann.client, 10**15), 413)
    ok(ann.client.delete(create(ann.client, MAX_UPLOAD_BYTES), headers=VERSION), 204)


@pytest.mark.parametrize(
    "told",
    [
        "filename x",
        "filename ####",
        "filename YQ",
        "filename /w==",
        "filename 7aCA",
        "filename AA==",
        "filename " + "A" * 5000,
    ],
    ids=["one letter", "no base64", "no padding", "no UTF-8", "a surrogate", "NUL", "too long"],
)
def test_metadata_that_cannot_be_read_is_422(ann: Person, told: str) -> None:
    problem(creation(ann.client, 1, None, **{"Upload-Metadata": told}), 422)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (metadata("Звіт №1.pdf"), "Звіт №1.pdf"),
        (f"is_confidential,filetype dGV4dC9odG1s,{metadata('a.txt')}", "a.txt"),
        (metadata("../../etc/passwd"), "passwd"),
        (metadata("a\r\nX: y\u202egpj.exe"), "aX: ygpj.exe"),
        ("", "file"),
        ("filetype dGV4dC9odG1s", "file"),
        ("filename", "file"),
    ],
)
def test_metadata_gives_the_name(ann: Person, told: str, name: str) -> None:
    location = creation(ann.client, 0, None, **{"Upload-Metadata": told}).headers["Location"]
    assert ok(finish(ann.client, location), 201)["filename"] == name


def test_bytes_that_do_not_follow_are_409_and_change_nothing(ann: Person) -> None:
    location = create(ann.client, 6)
    ok(patch(ann.client, location, 0, b"abc"), 204)
    for offset in (0, 2, 4, 6, 7, 10**15):
        problem(patch(ann.client, location, offset, b"xyz"), 409, "offset_conflict")
    assert offset_of(ann.client, location) == 3
    answer = patch(ann.client, location, 3, b"def")
    ok(answer, 204)
    assert answer.headers["Upload-Offset"] == "6"
    assert answer.headers["Upload-Expires"]
    file = ok(finish(ann.client, location), 201)
    assert ann.client.get(file["url"]).content == b"abcdef"


@pytest.mark.parametrize("kind", ["", "application/octet-stream", "multipart/form-data; boundary=B", "text/plain"])
def test_a_part_of_another_type_is_415(ann: Person, kind: str) -> None:
    location = create(ann.client, 3)
    problem(patch(ann.client, location, 0, b"abc", **{"Content-Type": kind}), 415)
    assert offset_of(ann.client, location) == 0


@pytest.mark.parametrize("offset", ["-1", "x", "", "1.0", "9" * 400])
def test_an_offset_that_is_none_is_422(ann: Person, offset: str) -> None:
    location = create(ann.client, 3)
    problem(patch(ann.client, location, 0, b"abc", **{"Upload-Offset": offset}), 422)
    assert offset_of(ann.client, location) == 0


def test_more_bytes_than_announced_are_413(ann: Person) -> None:
    location = create(ann.client, 3)
    problem(patch(ann.client, location, 0, b"abcd"), 413)
    received = offset_of(ann.client, location)
    ok(patch(ann.client, location, received, b"abc"[received:]), 204)
    problem(patch(ann.client, location, 3, b"d"), 413)
    assert ann.client.get(ok(finish(ann.client, location), 201)["url"]).content == b"abc"


def test_a_part_of_nothing_is_fine(ann: Person) -> None:
    location = create(ann.client, 3)
    answer = patch(ann.client, location, 0, b"")
    ok(answer, 204)
    assert answer.headers["Upload-Offset"] == "0"


def test_an_empty_file_is_a_file(ann: Person) -> None:
    file = ok(finish(ann.client, create(ann.client, 0, "nothing.txt")), 201)
    assert (file["size"], file["filename"]) == (0, "nothing.txt")
    assert ann.client.get(file["url"]).content == b""


def test_before_the_end_there_is_no_file(ann: Person) -> None:
    location = create(ann.client, 3)
    ok(patch(ann.client, location, 0, b"ab"), 204)
    problem(finish(ann.client, location), 409, "incomplete")
    upload_id = location.rpartition("/")[2]
    problem(ann.client.get(f"/api/files/{upload_id}"), 404)
    problem(ann.client.post("/api/messages", json=body_to(ann, attachment_ids=[upload_id])), 404)
    ok(patch(ann.client, location, 2, b"c"), 204)
    ok(finish(ann.client, location), 201)


def test_what_ends_is_the_same_as_by_the_other_way(ann: Person, bob: Person) -> None:
    picture = image("PNG", (200, 100))
    by_parts, at_once = upload_in_parts(ann, picture, "a.png", part=100), upload(ann, "a.png", picture)
    assert {**by_parts, "id": 0, "url": 0, "thumbnail_url": 0} == {**at_once, "id": 0, "url": 0, "thumbnail_url": 0}
    assert send(ann, bob, None, attachment_ids=[by_parts["id"]])["attachments"] == [by_parts]
    contents = [ann.client.get(file["url"]).content for file in (by_parts, at_once)]
    assert hashlib.sha256(contents[0]).digest() == hashlib.sha256(contents[1]).digest()


def test_a_bad_image_is_422_at_the_end_and_its_upload_is_gone(ann: Person) -> None:
    content = image("PNG", (200, 100))[:-20]
    location = create(ann.client, len(content), "a.png")
    ok(patch(ann.client, location, 0, content), 204)
    problem(finish(ann.client, location), 422, "bad_image")
    assert look(ann.client, location).status_code == 404
    problem(finish(ann.client, location), 404)


def test_an_upload_that_was_given_up_is_gone(ann: Person) -> None:
    location = create(ann.client, 3)
    ok(patch(ann.client, location, 0, b"abc"), 204)
    answer = ann.client.delete(location, headers=VERSION)
    ok(answer, 204)
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert look(ann.client, location).status_code in (404, 410)
    assert patch(ann.client, location, 3, b"").status_code in (404, 410)
    problem(finish(ann.client, location), 404)
    problem(ann.client.delete(location, headers=VERSION), 404)


def test_the_quota_counts_an_upload_from_its_creation_on(newcomer: Newcomer) -> None:
    person = newcomer()

    def used() -> int:
        return int(ok(person.client.get("/api/files/limits"))["used_bytes"])

    many = QUOTA_BYTES // MAX_UPLOAD_BYTES
    locations = [create(person.client, MAX_UPLOAD_BYTES) for _ in range(many)]
    assert used() == QUOTA_BYTES
    problem(creation(person.client, 1), 413, "quota_exceeded")
    problem(person.client.post("/api/files/upload", files=[("files", ("a.txt", b"x"))]), 413, "quota_exceeded")
    ok(creation(person.client, 0), 201)
    ok(person.client.delete(locations.pop(), headers=VERSION), 204)
    assert used() == QUOTA_BYTES - MAX_UPLOAD_BYTES
    upload_in_parts(person, b"abc")
    assert used() == QUOTA_BYTES - MAX_UPLOAD_BYTES + 3


def test_a_hundred_uploads_are_open_at_most(newcomer: Newcomer) -> None:
    person = newcomer()
    locations = [create(person.client, 1) for _ in range(MAX_OPEN)]
    answer = creation(person.client, 1)
    problem(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0
    ok(person.client.delete(locations[0], headers=VERSION), 204)
    create(person.client, 1)


def on_each_route(client: httpx2.Client, location: str, headers: dict[str, str]) -> dict[str, int]:
    whole = headers | VERSION
    chunk = whole | CHUNK_TYPE | {"Upload-Offset": "0"}
    return {
        "HEAD": client.head(location, headers=whole).status_code,
        "PATCH": client.patch(location, headers=chunk, content=b"x").status_code,
        "DELETE": client.delete(location, headers=whole).status_code,
        "file": client.post(f"{location}/file", headers=headers).status_code,
    }


def test_an_upload_is_its_owners_alone(
    site: Site, ann: Person, bob: Person, eve: Person, visitor: httpx2.Client
) -> None:
    location = create(ann.client, 3)
    for person in (bob, eve):  # Bob is who it may be meant for
        assert set(on_each_route(visitor, location, bearer(person.token)).values()) == {404}
    for headers in ({}, bearer("garbage"), {"Cookie": f"file_access={ann.token}"}):
        assert set(on_each_route(visitor, location, headers).values()) == {401}
        assert visitor.post(UPLOADS, headers=headers | VERSION | {"Upload-Length": "1"}).status_code == 401
    assert offset_of(ann.client, location) == 0


def test_somebody_blocked_may_upload_but_not_send(newcomer: Newcomer) -> None:
    blocked, blocker = newcomer(), newcomer()
    ok(blocker.client.put(f"/api/blocks/{blocked.id}"), 204)
    file: Json = upload_in_parts(blocked, b"abc")
    body = body_to(blocker, attachment_ids=[file["id"]])
    problem(blocked.client.post("/api/messages", json=body), 403, "blocked")
    assert blocked.client.get(file["url"]).content == b"abc"


@pytest.mark.parametrize("upload_id", ["x", "0", "00000000-0000-4000-8000-000000000000", "%2e%2e", "%00"])
def test_what_is_no_upload_is_not_found(ann: Person, upload_id: str) -> None:
    assert set(on_each_route(ann.client, f"{UPLOADS}/{upload_id}", {}).values()) <= {400, 404, 405}
