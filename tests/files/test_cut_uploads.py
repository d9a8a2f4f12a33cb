"""A large file over a connection that breaks twenty times: it arrives, and hardly a byte of it goes out twice."""

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import httpx2
import pytest

from tests.api.calls import ok
from tests.faults.proxy import Half, Link, Proxy
from tests.faults.shape import gateway_port
from tests.files.memory import IS_LONG, download_hash, write_noise
from tests.files.site import MIB, Site
from tests.files.tus import Sender, create, finish
from tests.harness.processes import LOOPBACK
from tests.stack.people import SECONDS, Person

pytestmark = [pytest.mark.shapes("embedded-folder", "stack-s3"), pytest.mark.timeout(300)]
SEED = 20_261_123
CUTS = 20
SIZE = (100 if IS_LONG else 48) * MIB
PART = MIB
MOST_SENT = SIZE + CUTS * MIB // 2
"""What is on its way when a connection breaks has to go out again; of 100 MiB this is 1.1 times the size."""
BUFFER_BYTES = 32 * 1024
"""On both sides of the client's connection: what lies in there when it breaks says nothing about the server."""


class Cutter(Proxy):
    """Cuts `count` connections, each after some more of the client's bytes; they are all cut within `size` bytes."""

    def __init__(self, target_port: int, random: Random, *, count: int, size: int) -> None:
        super().__init__(target_port)
        moments = sorted(random.sample(range(1, size), count))
        self._gaps = deque(after - before for before, after in zip([0, *moments], moments, strict=False))
        self._last: Link | None = None
        self.cuts = 0

    async def start(self) -> None:
        await super().start()
        assert self._server is not None
        for listening in self._server.sockets:  # what is accepted inherits it
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)

    def _accept(self) -> asyncio.Protocol:
        half = super()._accept()
        assert isinstance(half, Half)
        left = self._last.client.left if self._last is not None else None
        if left is not None and left <= 0:
            self.cuts += 1
            self._gaps.popleft()
            left = None
        (self._last,) = [link for link in self.links if link.client is half]
        half.left = left if left is not None else self._gaps[0] if self._gaps else None
        return half


@contextmanager
def running(proxy: Proxy) -> Iterator[str]:
    """The proxy in a thread of its own, and its URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(proxy.start(), loop).result(SECONDS)
        yield f"http://{LOOPBACK}:{proxy.port}"
    finally:
        asyncio.run_coroutine_threadsafe(proxy.stop(), loop).result(SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_a_file_arrives_through_twenty_cuts(site: Site, ann: Person, tmp_path: Path) -> None:
    path = tmp_path / "noise"
    digest = write_noise(path, SIZE, SEED)
    cutter = Cutter(gateway_port(site.server), Random(SEED), count=CUTS, size=SIZE)
    location = create(ann.client, SIZE)
    transport = httpx2.HTTPTransport(verify=False, socket_options=[(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)])
    with running(cutter) as url, path.open("rb") as source, httpx2.Client(base_url=url, transport=transport) as client:
        client.headers.update(ann.headers)
        sender = Sender(client, source, SIZE, PART)
        sender.send(location)
    file = ok(finish(ann.client, location), 201)
    share = sender.handed_over / SIZE
    told = f"{cutter.cuts} cuts, {sender.breaks} breaks, {sender.conflicts} conflicts"
    print(f"{site.shape}: {SIZE // MIB} MiB, {told}, sent {share:.3f} of its size")
    assert cutter.cuts == CUTS
    assert sender.breaks > 0
    assert sender.handed_over <= MOST_SENT
    assert (file["size"], download_hash(ann.client, file["url"])) == (SIZE, digest)
