"""Who may read a file, by which credential, and which part of it."""

from http.cookies import SimpleCookie
from uuid import UUID

import httpx2
import pytest

from tests.api.calls import Json, bearer, body_to, ok, problem, send, sign_in, until
from tests.api.uploads import image, upload
from tests.stack.people import Person

CONTENT = bytes(range(256)) * 4
SIZE = len(CONTENT)


@pytest.fixture(scope="module")
def shared(ann: Person, bob: Person) -> Json:
    """A picture that Ann sent to Bob."""
    attachment = upload(ann, "a.png", image("PNG"))
    send(ann, bob, None, attachment_ids=[attachment["id"]])
    return attachment


@pytest.fixture(scope="module")
def data(ann: Person, bob: Person) -> str:
    """The address of 1,024 bytes that Ann sent to Bob."""
    attachment = upload(ann, "a.bin", CONTENT)
    send(ann, bob, None, attachment_ids=[attachment["id"]])
    return str(attachment["url"])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("key", ["url", "thumbnail_url"])
def test_only_the_two_people_read_a_file(
    shared: Json, ann: Person, bob: Person, eve: Person, visitor: httpx2.Client, key: str, method: str
) -> None:
    for client, status in ((ann.client, 200), (bob.client, 200), (eve.client, 404), (visitor, 401)):
        assert client.request(method, shared[key]).status_code == status
        assert client.request(method, shared[key], headers={"Range": "bytes=0-0"}).status_code == (
            206 if status == 200 else status
        )


def test_before_it_is_sent_only_the_uploader_reads_it(ann: Person, bob: Person, eve: Person) -> None:
    attachment = upload(ann, "a.png", image("PNG"))
    for key in ("url", "thumbnail_url"):
        assert ann.client.get(attachment[key]).status_code == 200
        for other in (bob, eve):
            problem(other.client.get(attachment[key]), 404)
    send(ann, bob, None, attachment_ids=[attachment["id"]])
    assert bob.client.get(attachment["url"]).status_code == 200


def test_a_block_keeps_files_of_the_past(fresh_ann: Person, fresh_bob: Person) -> None:
    attachment = upload(fresh_ann)
    send(fresh_ann, fresh_bob, None, attachment_ids=[attachment["id"]])
    ok(fresh_bob.client.put(f"/api/blocks/{fresh_ann.id}"), 204)
    assert (
        fresh_ann.client.get(attachment["url"]).status_code
        == fresh_bob.client.get(attachment["url"]).status_code
        == 200
    )


@pytest.mark.parametrize(
    "file_id",
    [str(UUID(int=7)), "x", "..", "%2e%2e%2fjwt_secret", "0", "access", "upload", "%00"],
)
def test_what_is_no_file_is_not_found(ann: Person, file_id: str) -> None:
    for path in (f"/api/files/{file_id}", f"/api/files/{file_id}/thumbnail"):
        assert ann.client.get(path).status_code in (400, 404, 405, 422)


def test_a_file_that_is_no_image_has_no_thumbnail(ann: Person, data: str) -> None:
    problem(ann.client.get(f"{data}/thumbnail"), 404)


def grant(client: httpx2.Client, token: str) -> str:
    answer = client.post("/api/files/access", headers=bearer(token))
    ok(answer, 204)
    (line,) = answer.headers.get_list("Set-Cookie")
    morsel = SimpleCookie(line)["file_access"]
    assert (morsel["httponly"], morsel["samesite"].lower(), morsel["path"]) == (True, "strict", "/api/files")
    assert morsel["domain"] == ""
    return morsel.value


def test_the_cookie_opens_files_and_nothing_else(
    shared: Json, ann: Person, bob: Person, eve: Person, visitor: httpx2.Client
) -> None:
    mine, stranger = ({"Cookie": f"file_access={grant(visitor, person.token)}"} for person in (bob, eve))
    visitor.cookies.clear()

    for method in ("GET", "HEAD"):
        for key in ("url", "thumbnail_url"):
            assert visitor.request(method, shared[key], headers=mine).status_code == 200
            assert visitor.request(method, shared[key], headers=stranger).status_code == 404
    for path in ("/api/conversations", "/api/users/me", f"/api/messages/{ann.id}", "/api/sync", "/api/auth/sessions"):
        problem(visitor.get(path, headers=mine), 401)
    problem(visitor.post("/api/files/access", headers=mine), 401)
    problem(visitor.post("/api/files/upload", headers=mine, files=[("files", ("a", b"b"))]), 401)
    problem(visitor.post("/api/messages", headers=mine, json=body_to(ann)), 401)


def test_the_cookie_is_no_bearer_token_and_a_bearer_token_no_cookie(
    shared: Json, bob: Person, visitor: httpx2.Client
) -> None:
    value = grant(visitor, bob.token)
    visitor.cookies.clear()
    problem(visitor.get(shared["url"], headers=bearer(value)), 401)
    problem(visitor.get("/api/conversations", headers=bearer(value)), 401)
    problem(visitor.get(shared["url"], headers={"Cookie": f"file_access={bob.token}"}), 401)
    for bad in ("", "x", "a.b.c", '"', "A" * 7_000):
        problem(visitor.get(shared["url"], headers={"Cookie": f"file_access={bad}"}), 401)


def test_the_cookie_ends_with_the_session(shared: Json, bob: Person, visitor: httpx2.Client) -> None:
    token = sign_in(visitor, bob)["access_token"]
    headers = {"Cookie": f"file_access={grant(visitor, token)}"}
    visitor.cookies.clear()
    assert visitor.get(shared["url"], headers=headers).status_code == 200
    ok(visitor.post("/api/auth/logout", headers=bearer(token)), 204)
    assert until(lambda: visitor.get(shared["url"], headers=headers).status_code == 401)


def test_a_token_in_the_url_is_never_read(shared: Json, bob: Person, visitor: httpx2.Client) -> None:
    for name in ("token", "access_token", "file_access", "authorization"):
        problem(visitor.get(shared["url"], params={name: bob.token}), 401)


def test_head_is_get_without_a_body(ann: Person, data: str) -> None:
    got, head = ann.client.get(data), ann.client.head(data)
    assert (head.status_code, head.content, got.content) == (200, b"", CONTENT)
    for name in ("Content-Length", "Content-Type", "ETag", "Accept-Ranges", "Content-Disposition", "Cache-Control"):
        assert head.headers[name] == got.headers[name]
    assert (head.headers["Content-Length"], head.headers["Accept-Ranges"]) == (str(SIZE), "bytes")


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("0-0", 0, 1),
        ("10-14", 10, 15),
        ("1000-", 1000, SIZE),
        ("-5", SIZE - 5, SIZE),
        ("0-99999", 0, SIZE),
        ("-99999", 0, SIZE),
        ("1023-1023", 1023, SIZE),
    ],
)
def test_a_range_is_206(bob: Person, data: str, wanted: str, start: int, end: int) -> None:
    answer = bob.client.get(data, headers={"Range": f"bytes={wanted}"})
    assert (answer.status_code, answer.content) == (206, CONTENT[start:end])
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["Content-Length"] == str(end - start)


@pytest.mark.parametrize("wanted", ["1024-", "2000-3000", "-0", "99999999999999999999-"])
def test_a_range_outside_is_416(bob: Person, data: str, wanted: str) -> None:
    answer = bob.client.get(data, headers={"Range": f"bytes={wanted}"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "header",
    [
        "items=0-1",
        "bytes=",
        "bytes=a-b",
        "bytes=5-2",
        "bytes 0-1",
        "bytes=--1",
        "bytes=1.5-2",
        "bytes=٣-٤",
        "bytes=0x1-2",
        "bytes=+1-2",
    ],
)
def test_what_is_no_range_is_ignored_or_416(bob: Person, data: str, header: str) -> None:
    answer = bob.client.get(
        data, headers=[(b"Range", header.encode()), (b"Authorization", f"Bearer {bob.token}".encode())]
    )
    assert answer.status_code in (200, 416)
    if answer.status_code == 200:
        assert answer.content == CONTENT


def test_a_thousand_ranges_are_cheap(bob: Person, data: str) -> None:
    answer = bob.client.get(data, headers={"Range": "bytes=" + ",".join(["0-"] * 1000)})
    assert answer.status_code in (200, 206, 416)
    assert len(answer.content) <= SIZE


def test_an_etag_saves_the_bytes(bob: Person, data: str) -> None:
    etag = bob.client.get(data).headers["ETag"]
    for tags in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        answer = bob.client.get(data, headers={"If-None-Match": tags})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
    assert bob.client.head(data, headers={"If-None-Match": etag}).status_code == 304
    for tags in ('"other"', etag[1:-1], ""):
        assert bob.client.get(data, headers={"If-None-Match": tags}).status_code == 200


def test_if_range_gives_the_part_only_of_the_same_file(bob: Person, data: str) -> None:
    etag = bob.client.get(data).headers["ETag"]
    same = bob.client.get(data, headers={"Range": "bytes=0-4", "If-Range": etag})
    other = bob.client.get(data, headers={"Range": "bytes=0-4", "If-Range": '"other"'})
    weak = bob.client.get(data, headers={"Range": "bytes=0-4", "If-Range": f"W/{etag}"})
    assert (same.status_code, same.content) == (206, CONTENT[:5])
    assert (other.status_code, other.content) == (weak.status_code, weak.content) == (200, CONTENT)
