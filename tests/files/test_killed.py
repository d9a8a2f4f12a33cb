"""kill -9 during uploads: a file is there completely or not at all, and in the end nothing is left over.

FILES_LONG=1: fifty times.
"""

import hashlib
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

import httpx2
import pytest

from chat_service.files.service import original_key
from shared.clock import utc_now
from tests.api.calls import new_client, ok, send
from tests.files.catalogue import WHOLE
from tests.files.crashes import Fate, Outcome, go_on, send_parts, send_whole
from tests.files.memory import IS_LONG
from tests.files.remains import Remains
from tests.files.site import SETTINGS
from tests.harness.processes import ManagedProcess
from tests.harness.servers import CHECKOUT, Embedded
from tests.stack.people import Person, new_person

pytestmark = pytest.mark.timeout(900)
SEED = 20_261_123
KILLS = 50 if IS_LONG else 4
LARGEST = 8 << 20
MOMENTS = (0.3, 2.0)
"""As a share of a file: more than half of the kills come after its last byte, while it is stored."""
A_DAY = timedelta(hours=25)


@pytest.fixture(scope="module")
def server() -> Iterator[Embedded]:
    with Embedded(env=SETTINGS) as running:
        yield running


@pytest.fixture(scope="module")
def people(server: Embedded) -> Iterator[list[Person]]:
    with new_client(server.base_url) as first, new_client(server.base_url) as second:
        yield [new_person(first), new_person(second)]


@pytest.fixture(scope="module")
def outcomes(server: Embedded, people: list[Person]) -> list[Outcome]:
    """What clients know after the kills; every other one that can go on does so."""
    found = []
    for number in range(KILLS):
        random = Random(f"{SEED}-{number}")
        content = WHOLE["gif"] if number % 5 == 4 else random.randbytes(random.randrange(1, LARGEST))
        fate = Fate(server, random.uniform(*MOMENTS), len(content))
        way = (send_whole, send_parts)[number % 2]
        with new_client(server.base_url, **people[0].headers) as client:
            outcome = way(client, content, fate)
        assert fate.killed.wait(10)
        server.service.start()
        if outcome.location is not None and number % 4 == 1:
            go_on(people[0].client, outcome)
        found.append(outcome)
    return found


@pytest.fixture(scope="module")
def remains(server: Embedded, outcomes: list[Outcome]) -> Remains:
    found = Remains(server.data_dir)
    print(
        f"{KILLS} kills: {sum(each.file_id is not None for each in outcomes)} files known to clients, "
        f"{len(found.on_disk() - found.expected())} left over on disk before a sweep"
    )
    return found


def fetch(client: httpx2.Client, outcome: Outcome) -> str:
    return hashlib.sha256(client.get(f"/api/files/{outcome.file_id}").content).hexdigest()


def test_what_was_acked_is_there(people: list[Person], outcomes: list[Outcome]) -> None:
    acked = [each for each in outcomes if each.file_id is not None]
    assert acked
    assert [each.file_id for each in acked if fetch(people[0].client, each) != each.sha256] == []


def test_no_row_is_without_its_bytes(remains: Remains) -> None:
    assert remains.broken() == []
    assert remains.expected() <= remains.on_disk()


def test_the_quota_is_what_the_files_have(people: list[Person], outcomes: list[Outcome], remains: Remains) -> None:
    rows = remains.select(
        "SELECT coalesce(sum(size), 0) FROM attachments UNION ALL SELECT coalesce(sum(size), 0) FROM uploads"
    )
    used = ok(people[0].client.get("/api/files/limits"))["used_bytes"]
    assert used == sum(int(str(size)) for (size,) in rows)


def test_a_sweep_leaves_no_orphan_and_takes_nothing_else(
    people: list[Person], outcomes: list[Outcome], remains: Remains
) -> None:
    expected = remains.expected()
    remains.grow_old()
    remains.sweep(utc_now)
    assert remains.expected() == expected
    assert remains.on_disk() == expected
    assert remains.broken() == []


def test_after_a_day_only_what_was_sent_is_left(
    people: list[Person], outcomes: list[Outcome], remains: Remains
) -> None:
    ann, bob = people
    (sent, *_) = [each for each in outcomes if each.file_id is not None]
    send(ann, bob, None, attachment_ids=[sent.file_id])
    remains.grow_old()
    remains.sweep(lambda: utc_now() + A_DAY)
    assert remains.on_disk() == remains.expected()
    assert len({name.partition(".")[0] for name in remains.on_disk()}) == 1
    assert fetch(bob.client, sent) == sent.sha256
    assert ok(ann.client.get("/api/files/limits"))["used_bytes"] == len(sent.content)


STUCK = """
import asyncio, io, sys, time
from chat_service.files.storage import open_storage

class Stuck(io.BytesIO):
    def read(self, size=-1):
        if self.tell() >= 1 << 20:
            time.sleep(600)
        return super().read(size)

asyncio.run(open_storage(sys.argv[1]).put(sys.argv[2], Stuck(bytes(4 << 20))))
"""


def test_what_a_killed_write_leaves_is_swept_too(remains: Remains, tmp_path: Path) -> None:
    """A kill hits this moment rarely by chance, so here it is made: the file is half written, without a row."""
    before = remains.on_disk()
    command = [sys.executable, "-c", STUCK, remains.url, original_key(uuid4())]
    process = ManagedProcess("writer", command, log=tmp_path / "log", cwd=CHECKOUT)
    process.start()
    process.wait_until(lambda: remains.on_disk() > before, "the beginning of a file")
    process.kill()
    assert remains.on_disk() > before
    remains.grow_old()
    remains.sweep(utc_now)
    assert remains.on_disk() == before
