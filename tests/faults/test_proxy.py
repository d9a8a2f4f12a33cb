"""The proxy passes everything on unchanged, and breaks what it is told to break."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faults.proxy import Proxy
from tests.harness.processes import LOOPBACK

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1000):
            writer.write(data)
    except ConnectionError:
        pass
    finally:
        writer.close()


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    server = await asyncio.start_server(echo, LOOPBACK, 0)
    proxy = Proxy(server.sockets[0].getsockname()[1])
    await proxy.start()
    yield proxy
    await proxy.stop()
    server.close()
    await asyncio.sleep(0.05)


@pytest.fixture
async def streams(proxy: Proxy) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection(LOOPBACK, proxy.port)
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    yield reader, writer
    writer.transport.abort()


async def test_keeps_the_order_when_the_latency_changes(proxy: Proxy, streams: Streams) -> None:
    reader, writer = streams
    proxy.latency, proxy.jitter = 0.05, 0.05
    expected = b""
    for number in range(50):
        writer.write(piece := b"%04d" % number)
        expected += piece
        await asyncio.sleep(0.001)
        if number == 25:
            proxy.latency = 0.0
    assert await reader.readexactly(len(expected)) == expected


async def test_resets(proxy: Proxy, streams: Streams) -> None:
    for link in list(proxy.links):
        link.end(with_reset=True)
    with pytest.raises(ConnectionResetError):
        await streams[0].read(1)


async def test_swallows(proxy: Proxy, streams: Streams) -> None:
    reader, writer = streams
    for link in list(proxy.links):
        link.swallow()
    writer.write(b"is anybody there?")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await reader.read(1)


async def test_cuts_an_answer(proxy: Proxy, streams: Streams) -> None:
    reader, writer = streams
    for link in list(proxy.links):
        link.cut_after(3)
    writer.write(b"abcdef")
    with pytest.raises(ConnectionResetError):
        await reader.readexactly(6)
