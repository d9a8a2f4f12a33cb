"""When a socket is dropped or closed because of what its client does, or does not do."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from tests.delivery.party import Member, Party
from tests.delivery.short_pings import FASTER
from tests.harness.processes import LOOPBACK
from tests.harness.servers import Embedded, PythonService, Stack

LIFE = 45 / FASTER
"""Seconds without any frame after which the peer is dropped."""
SLACK = 1.0
TOO_MANY = 4429
BURST, REFUSED = 500, 200
"""Frames: so many at once are fine, and after so many refused ones in a row it is enough."""


def beside(site: Embedded | Stack, module: str, **settings: str) -> PythonService:
    """One more process with these settings: on the stack's database, or alone on its own."""
    if isinstance(site, Embedded):
        env = {**site.service.env, "DATA_DIR": str(site.folder / module), **settings}
        return PythonService(module, module, site.folder, env=env, ready="/api/chat/ready")
    name = f"{module}-beside"
    return PythonService(name, module, site.folder, env={**site.chats[0].env, **settings}, ready="/api/chat/ready")


@pytest.fixture(scope="module")
def quick(site: Embedded | Stack) -> Iterator[PythonService]:
    """A process whose pings are fast."""
    with beside(site, "tests.delivery.short_pings") as service:
        yield service


@pytest.fixture
def limited(site: Embedded | Stack) -> Iterator[PythonService]:
    """A process with the limits that the product comes with."""
    module = "gateway.local" if isinstance(site, Embedded) else "chat_service"
    with beside(site, module, RATE_LIMITS="on") as service:
        yield service


@asynccontextmanager
async def somebody(people: Party, service: PythonService) -> AsyncIterator[Member]:
    """Somebody who may connect to this process: one that is alone has people of its own."""
    if isinstance(people.site, Stack):
        yield await people.join()
        return
    async with httpx2.AsyncClient(base_url=service.base_url, trust_env=False) as http:
        yield await Party(people.site, http, people.exits).join()


def ws_url(service: PythonService) -> str:
    return service.base_url.replace("http", "ws", 1) + "/api/ws"


class Raw:
    """A socket that answers no ping by itself, as none of the libraries would do."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, service: PythonService, me: Member) -> "Raw":
        reader, writer = await asyncio.open_connection(LOOPBACK, service.port)
        head = [
            "GET /api/ws HTTP/1.1",
            f"Host: {LOOPBACK}:{service.port}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            f"Authorization: {me.headers['Authorization']}",
        ]
        writer.write("\r\n".join([*head, "", ""]).encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 ")
        return cls(reader, writer)

    async def repeat(self, opcode: Opcode, data: bytes) -> None:
        """Send this again and again, ten times in a life."""
        while True:
            self._writer.write(Frame(opcode, data).serialize(mask=True))
            await asyncio.sleep(LIFE / 10)

    async def ended_after(self, seconds: float) -> float | None:
        """In how many seconds the server ends the connection; None if it does not within these."""
        began = time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                with suppress(ConnectionError):
                    while await self._reader.read(1_000):
                        pass
                return time.monotonic() - began
        return None

    def close(self) -> None:
        self._writer.transport.abort()


async def stays(service: PythonService, me: Member, seconds: float) -> bool:
    """Whether a client that does what the protocol wants, and no more, is kept."""
    async with connect(ws_url(service), additional_headers=me.headers, proxy=None, ping_interval=None) as opened:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await opened.wait_closed()
        return opened.close_code is None


async def test_only_a_client_that_says_nothing_is_dropped(people: Party, quick: PythonService) -> None:
    async with somebody(people, quick) as ann:
        silent = await Raw.open(quick, ann)
        took, is_kept = await asyncio.gather(silent.ended_after(LIFE + SLACK), stays(quick, ann, LIFE + SLACK))
        silent.close()
    assert took is not None, f"still there after {LIFE + SLACK:g} s"
    assert took > LIFE / 2
    assert is_kept


async def test_any_frame_is_life(people: Party, quick: PythonService) -> None:
    frames = {
        "a request": (Opcode.TEXT, b'{"type": "ping", "id": "1"}'),
        "a pong that nobody asked for": (Opcode.PONG, b"here"),
        "a protocol ping": (Opcode.PING, b"there?"),
    }
    async with somebody(people, quick) as ann:
        talking = [await Raw.open(quick, ann) for _ in frames]
        tasks = [asyncio.create_task(raw.repeat(*frame)) for raw, frame in zip(talking, frames.values(), strict=True)]
        ended = await asyncio.gather(*(raw.ended_after(2 * LIFE) for raw in talking))
        for task, raw in zip(tasks, talking, strict=True):
            task.cancel()
            raw.close()
    dropped = [f"{name}: {took * FASTER:.0f} s" for name, took in zip(frames, ended, strict=True) if took is not None]
    assert not dropped, f"something came every {LIFE / 10 * FASTER:g} s, and yet it was dropped after that time"


async def test_too_many_frames_are_refused_and_then_closed(people: Party, limited: PythonService) -> None:
    async with (
        somebody(people, limited) as ann,
        connect(ws_url(limited), additional_headers=ann.headers, proxy=None) as opened,
    ):
        replies = await replies_to(opened, BURST + REFUSED - 10)
        errors = [frame for frame in replies if frame["type"] == "error"]
        assert {(frame["code"], frame["retry_after"]) for frame in errors} == {("too_many_requests", 1)}
        assert [frame["type"] for frame in replies[:BURST]] == ["pong"] * BURST
        with suppress(ConnectionClosed):
            await replies_to(opened, 10 * BURST)
    assert opened.close_code == TOO_MANY


async def replies_to(opened: ClientConnection, count: int) -> list[dict[str, Any]]:
    """Send so many pings as fast as possible."""

    async def flood() -> None:
        with suppress(ConnectionClosed):
            for number in range(count):
                await opened.send(json.dumps({"type": "ping", "id": str(number)}))

    task = asyncio.create_task(flood())
    replies: list[dict[str, Any]] = []
    try:
        while len(replies) < count:
            frame = json.loads(await opened.recv())
            replies += [frame] if frame["type"] in ("pong", "error") else []
    finally:
        await task
    return replies
