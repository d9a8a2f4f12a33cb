"""The S3 server is away: whoever needs it is told to come back, all else goes on, and nothing is lost or half there.

FILES_LONG=1: also one that accepts connections and says nothing.
"""

import hashlib
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from tests.api.calls import ok, problem, send, until
from tests.api.uploads import image, post_files, upload
from tests.files.conftest import Newcomer
from tests.files.memory import IS_LONG
from tests.files.site import Site
from tests.files.tus import create, finish, offset_of, patch
from tests.stack.people import Person

pytestmark = pytest.mark.shapes("embedded-s3", "stack-s3")

PATIENCE = 90
"""Seconds for an answer: an upload to a store that hangs is given up after 50."""


@contextmanager
def store_away(site: Site, how: str) -> Iterator[None]:
    """While this lasts, the store is dead, or it accepts connections and says nothing."""
    assert site.weed is not None
    process = site.weed.process
    if how == "dies":
        site.weed.kill()
    else:
        process.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        if how == "dies":
            site.weed.start()
        else:
            process.signal(signal.SIGCONT)


def away(answer: httpx2.Response) -> None:
    """It is a 503 that says when to come back."""
    problem(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def used(person: Person) -> int:
    return int(ok(person.client.get("/api/files/limits"))["used_bytes"])


@pytest.mark.parametrize("how", ["dies", "hangs"] if IS_LONG else ["dies"])
def test_an_outage_is_told_and_leaves_nothing_behind(site: Site, newcomer: Newcomer, bob: Person, how: str) -> None:
    ann = newcomer()
    ann.client.timeout = bob.client.timeout = PATIENCE
    file = upload(ann, "a.png", image("PNG"))
    message = send(ann, bob, None, attachment_ids=[file["id"]])
    before = used(ann), set(site.objects())

    with store_away(site, how):
        away(post_files(ann, ("b.bin", b"b" * 100_000)))
        away(bob.client.get(file["url"]))
        away(bob.client.get(file["thumbnail_url"]))
        assert used(ann) == before[0]
        assert send(ann, bob, "words need no store")["text"] == "words need no store"
        problem(ann.client.get(f"/api/files/{message['client_id']}"), 404, "not_found")

    assert until(lambda: bob.client.get(file["url"]).status_code == 200, PATIENCE)
    assert until(lambda: post_files(ann, ("c.bin", b"c")).status_code == 201, PATIENCE)
    if how == "dies":  # one that hangs may carry out later what it was asked, for the sweeper
        assert len(set(site.objects()) - before[1]) == 1


def test_an_upload_goes_on_after_an_outage(site: Site, newcomer: Newcomer) -> None:
    ann = newcomer()
    ann.client.timeout = PATIENCE
    content = random.Random(5).randbytes(3 * 1024 * 1024)
    half = len(content) // 2
    location = create(ann.client, len(content))
    ok(patch(ann.client, location, 0, content[:half]), 204)
    with store_away(site, "dies"):
        away(patch(ann.client, location, offset_of(ann.client, location), content[half:]))
    assert until(lambda: _goes_on(ann.client, location, content), PATIENCE)
    file = ok(finish(ann.client, location), 201)
    assert hashlib.sha256(ann.client.get(file["url"]).content).digest() == hashlib.sha256(content).digest()


def test_what_is_deleted_meanwhile_is_gone_at_once_for_people(site: Site, newcomer: Newcomer, bob: Person) -> None:
    ann = newcomer()
    file = upload(ann, "a.bin", b"to be deleted")
    message = send(ann, bob, None, attachment_ids=[file["id"]])
    with store_away(site, "dies"):
        ok(ann.client.delete(f"/api/messages/{message['id']}"), 204)
        for person in (ann, bob):
            problem(person.client.get(file["url"]), 404, "not_found")
        assert used(ann) == 0


def _goes_on(client: httpx2.Client, location: str, content: bytes) -> bool:
    offset = offset_of(client, location)
    return offset == len(content) or patch(client, location, offset, content[offset:]).status_code == 204
