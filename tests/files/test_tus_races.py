"""Resumable uploads where two want the same at once, and where a process ends in the middle."""

import hashlib
import socket
from functools import partial
from random import Random
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.api.calls import in_parallel, new_client, ok, problem, until
from tests.api.uploads import image
from tests.files.site import MIB, Site
from tests.files.tus import CHUNK_TYPE, UPLOADS, VERSION, create, finish, look, offset_of, patch
from tests.harness.processes import wait_until
from tests.harness.servers import Stack
from tests.stack.people import Person

SEED = 20_261_123
PART_BYTES = 2 * MIB
"""What a process keeps in memory of an upload (chat_service/uploads/router.py)."""


def doors(site: Site) -> list[str]:
    """Two processes, or one twice."""
    return (site.chat_urls * 2)[:2]


def some_bytes(count: int) -> bytes:
    return Random(SEED).randbytes(count)


def at(url: str, location: str, offset: int, content: bytes, person: Person) -> httpx2.Response:
    with new_client(url, **person.headers) as client:
        return patch(client, location, offset, content)


@pytest.mark.parametrize("size", [1, 1000, 3 * MIB])
def test_of_two_that_claim_the_same_place_one_wins(site: Site, ann: Person, size: int) -> None:
    location = create(ann.client, size)
    contents = [b"a" * size, b"b" * size]
    answers = in_parallel(
        [partial(at, url, location, 0, content, ann) for url, content in zip(doors(site), contents, strict=True)]
    )
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    winner = contents[[answer.status_code for answer in answers].index(204)]
    assert offset_of(ann.client, location) == size
    assert ann.client.get(ok(finish(ann.client, location), 201)["url"]).content == winner


def test_many_that_claim_many_places_make_one_right_file(site: Site, ann: Person) -> None:
    """Eight clients that each think they alone send this file, in pieces of their own length."""
    content = some_bytes(200_000)
    location = create(ann.client, len(content))

    def send(number: int) -> None:
        random = Random(number)
        with new_client(doors(site)[number % 2], **ann.headers) as client:
            while (offset := offset_of(client, location)) < len(content):
                answer = patch(client, location, offset, content[offset : offset + random.randrange(5_000, 40_000)])
                assert answer.status_code in (204, 409), answer.text

    in_parallel([partial(send, number) for number in range(8)])
    assert ann.client.get(ok(finish(ann.client, location), 201)["url"]).content == content


@pytest.mark.parametrize("content", [b"abc", image("PNG")], ids=["bytes", "picture"])
def test_completed_by_many_at_once_it_is_one_file(site: Site, ann: Person, content: bytes) -> None:
    before = set(site.objects())  # and not how many: what earlier tests gave up may still be going
    location = create(ann.client, len(content))
    ok(patch(ann.client, location, 0, content), 204)

    def complete(url: str) -> httpx2.Response:
        with new_client(url, **ann.headers) as client:
            return finish(client, location)

    answers = in_parallel([partial(complete, url) for url in doors(site) * 4])
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.text for answer in answers}) == 1
    file = answers[0].json()
    again = finish(ann.client, location)
    assert (again.status_code, again.json()) == (200, file)
    assert look(ann.client, location).status_code == 404
    # The part is gone, and soon what the others had stored; the file is there, and if it is a picture its thumbnail.
    assert until(lambda: len(set(site.objects()) - before) == (2 if file["thumbnail_url"] else 1))


@pytest.mark.parametrize("again", range(5))
def test_completed_and_given_up_at_once_it_is_one_of_both(ann: Person, again: int) -> None:
    location = create(ann.client, 3)
    ok(patch(ann.client, location, 0, b"abc"), 204)
    completed, given_up = in_parallel(
        [lambda: finish(ann.client, location), lambda: ann.client.delete(location, headers=VERSION)]
    )
    assert (completed.status_code, given_up.status_code) in {(201, 404), (404, 204), (201, 204)}
    if completed.status_code == 201:
        assert ann.client.get(completed.json()["url"]).content == b"abc"
    else:
        problem(finish(ann.client, location), 404)


@pytest.mark.shapes("stack-folder", "stack-s3")
def test_an_upload_goes_on_at_another_process(site: Site, ann: Person) -> None:
    content = some_bytes(1_000_000)
    location = create(ann.client, len(content))
    for number, start in enumerate(range(0, len(content), 100_000)):
        ok(at(site.chat_urls[number % 2], location, start, content[start : start + 100_000], ann), 204)
    assert ann.client.get(ok(finish(ann.client, location), 201)["url"]).content == content


def begin_patch(url: str, location: str, person: Person, size: int, content: bytes) -> socket.socket:
    """A PATCH whose body has not ended."""
    address = urlsplit(url)
    connection = socket.create_connection((address.hostname, address.port), timeout=30)
    headers = person.headers | VERSION | CHUNK_TYPE | {"Upload-Offset": "0", "Content-Length": str(size)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    connection.sendall(f"PATCH {location} HTTP/1.1\r\nHost: {address.netloc}\r\n{lines}\r\n".encode() + content)
    return connection


@pytest.mark.shapes("stack-folder", "stack-s3")
def test_after_kill_9_of_its_process_an_upload_goes_on_at_the_other(site: Site, ann: Person) -> None:
    """What had been stored is there; what was in the memory of the one that died comes again."""
    assert isinstance(site.server, Stack)
    content = some_bytes(5 * MIB)
    location = create(ann.client, len(content))
    first, second = site.chat_urls
    half_sent = begin_patch(first, location, ann, len(content), content[: 3 * MIB])
    with half_sent, new_client(second, **ann.headers) as client:
        wait_until(lambda: offset_of(client, location) >= PART_BYTES, "the first part")
        site.server.kill("chat_service", 0)
        offset = offset_of(client, location)
        assert PART_BYTES <= offset <= 3 * MIB
        problem(patch(client, location, 0, content), 409, "offset_conflict")
        ok(patch(client, location, offset, content[offset:]), 204)
        file = ok(finish(client, location), 201)
    site.server.start_server("chat_service", 0)
    for url in site.chat_urls:
        with new_client(url, **ann.headers) as client:
            whole = client.get(f"{site.base_url}{file['url']}").content
            assert hashlib.sha256(whole).digest() == hashlib.sha256(content).digest()


def test_a_client_that_vanishes_keeps_what_had_come(site: Site, ann: Person) -> None:
    content = some_bytes(300_000)
    location = create(ann.client, len(content))
    with begin_patch(site.base_url, location, ann, len(content), content[:200_000]) as connection:
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
    wait_until(lambda: offset_of(ann.client, location) > 0, "what had come")
    offset = offset_of(ann.client, location)
    assert offset <= 200_000
    ok(patch(ann.client, location, offset, content[offset:]), 204)
    assert ann.client.get(ok(finish(ann.client, location), 201)["url"]).content == content


def test_parts_are_nobodys_files(site: Site, ann: Person) -> None:
    """Their keys are no way to them, neither for the one who sent them."""
    location = create(ann.client, 6)
    known = set(site.objects())
    ok(patch(ann.client, location, 0, b"own"), 204)
    (key,) = set(site.objects()) - known
    assert key.startswith("parts/")
    part_id = key.rpartition("/")[2]
    for path in (
        f"/api/files/{part_id}",
        f"/api/files/{part_id}/thumbnail",
        f"/.files/{key}",
        f"{UPLOADS}/{part_id}/file",
    ):
        assert b"own" not in ann.client.get(path).content
    ok(ann.client.delete(location, headers=VERSION), 204)
    assert until(lambda: set(site.objects()) <= known)
