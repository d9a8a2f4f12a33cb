"""Memory does not grow with the size of files: uploads in parallel, and their downloads. FILES_LONG=1: 10 × 100 MiB."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx2
import pytest

from tests.api.calls import Json, in_parallel, new_client, ok
from tests.faults.shape import family
from tests.files.conftest import Newcomer
from tests.files.memory import IS_LONG, download_hash, sampled, write_noise
from tests.files.site import MIB, Site, resident
from tests.files.tus import Sender, create, finish
from tests.harness.servers import Stack

pytestmark = [pytest.mark.shapes("stack-folder", "stack-s3"), pytest.mark.timeout(600)]
COUNT, SIZE = (10, 100 * MIB) if IS_LONG else (4, 24 * MIB)
MOST_GROWTH = 64 * MIB
PATIENT = httpx2.Timeout(300)
PART = 8 * MIB


def by_multipart(client: httpx2.Client, path: Path) -> Json:
    with path.open("rb") as file:
        (found,) = ok(client.post("/api/files/upload", files=[("files", (path.name, file))]), 201)
    return dict(found)


def in_parts(client: httpx2.Client, path: Path) -> Json:
    with path.open("rb") as file:
        location = create(client, SIZE, path.name)
        Sender(client, file, SIZE, PART).send(location)
    return dict(ok(finish(client, location), 201))


def server_rss(site: Site) -> dict[str, int]:
    """Of chat_service's processes and nginx's, each with its children."""
    assert isinstance(site.server, Stack)
    processes = [*site.chats, site.server.nginx.process]
    return {each.name: sum(resident(pid) for pid in (each.pid, *family(each))) for each in processes}


@pytest.mark.parametrize("way", [by_multipart, in_parts])
def test_large_files_in_parallel_take_little_memory(
    site: Site, newcomer: Newcomer, tmp_path: Path, way: Callable[[httpx2.Client, Path], Json]
) -> None:
    person = newcomer()  # with a quota of their own
    paths = [tmp_path / f"{number}.bin" for number in range(COUNT)]
    hashes = [write_noise(path, SIZE, number) for number, path in enumerate(paths)]

    def there_and_back(path: Path) -> str:
        with new_client(site.base_url, **person.headers) as client:
            client.timeout = PATIENT
            file = way(client, path)
            assert file["size"] == SIZE
            return download_hash(client, file["url"])

    started = time.monotonic()
    with sampled(lambda: server_rss(site)) as peak:
        found = in_parallel([partial(there_and_back, path) for path in paths])
    seconds = time.monotonic() - started
    print(f"{site.shape} {way.__name__}: {COUNT} x {SIZE // MIB} MiB in {seconds:.1f} s, {peak}")
    assert found == hashes
    assert peak.samples > 10
    assert peak.growth <= MOST_GROWTH, str(peak)
