"""The proxy that cuts, by itself: every cut that it promised is made, however the events reach the person."""

import asyncio
from contextlib import suppress
from random import Random
from typing import ClassVar

import pytest

from tests.delivery.cuts import SURE_PIECE, CuttingProxy
from tests.delivery.party import reach
from tests.harness.processes import LOOPBACK

CUTS = 20
EVENTS = 60
HANDSHAKE = b"h" * 2 * SURE_PIECE


class Greeting(asyncio.Protocol):
    """A handshake, and never a byte more: what there is to see comes by another way."""

    open: ClassVar[set["Greeting"]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.open.add(self)
        transport.write(HANDSHAKE)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open.remove(self)


async def come_back(port: int, greeted: asyncio.Event) -> None:
    while True:
        with suppress(OSError, EOFError):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                await reader.readexactly(len(HANDSHAKE))
                greeted.set()
                await reader.read()
            finally:
                greeted.clear()
                writer.transport.abort()


@pytest.mark.parametrize("seed", range(20))
async def test_no_cut_waits_for_bytes_that_nobody_sends(seed: int) -> None:
    choices = Random(f"events {seed}")
    server = await asyncio.get_running_loop().create_server(Greeting, LOOPBACK, 0)
    proxy = CuttingProxy(server.sockets[0].getsockname()[1], Random(seed), count=CUTS, until=EVENTS)
    await proxy.start()
    greeted = asyncio.Event()
    person = asyncio.create_task(come_back(proxy.port, greeted))
    try:
        await greeted.wait()
        for count in range(1, EVENTS + 1):
            proxy.seen(count)
            if choices.random() < 0.5:  # otherwise they see the next one at the same moment
                await asyncio.sleep(0)
        await reach(lambda: proxy.cuts == CUTS, "the last cut")
        await reach(greeted.is_set, "a connection that stays")
    finally:
        person.cancel()
        await asyncio.gather(person, return_exceptions=True)
        await proxy.stop()
        server.close()
        await reach(lambda: not Greeting.open, "the end of every connection")
