"""A TCP proxy between clients and the gateway that can do what networks do: reset, swallow, cut, delay."""

import asyncio
import socket
import struct
from collections import deque
from random import Random

from tests.harness.processes import LOOPBACK

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with 0 s: the peer gets RST instead of FIN


class Half(asyncio.Protocol):
    """One of the two connections of a link; what it reads goes to the other one."""

    def __init__(self, link: "Link") -> None:
        self._link = link
        self._waiting: deque[bytes] = deque()
        self._due_at = 0.0
        self.transport: asyncio.Transport | None = None
        self.other: Half | None = None
        self.left: int | None = None
        """How many more bytes may be read here before the link is cut, if there is a limit."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self._link.is_dead:
            transport.abort()
        elif self is self._link.client:
            transport.pause_reading()
            self._link.proxy.connect(self._link)

    def connection_lost(self, exc: Exception | None) -> None:
        self._link.end(with_reset=exc is not None)

    def pause_writing(self) -> None:
        self._read(False)

    def resume_writing(self) -> None:
        self._read(True)

    def _read(self, on: bool) -> None:
        transport = self.other.transport if self.other is not None else None
        if transport is None or transport.is_closing() or self._link.is_swallowing:
            return
        if on:
            transport.resume_reading()
        else:
            transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        if self._link.is_swallowing:
            return
        if self.left is not None:
            data, self.left = data[: self.left], self.left - len(data)
        self._pass_on(data)
        if self.left is not None and self.left <= 0:
            self._link.end(with_reset=True)

    def _pass_on(self, data: bytes) -> None:
        delay = self._link.proxy.delay()
        loop = asyncio.get_running_loop()
        self._due_at = max(self._due_at, loop.time() + delay)
        self._waiting.append(data)
        if delay or len(self._waiting) > 1:
            loop.call_at(self._due_at, self._flush)
        else:
            self._flush()

    def _flush(self) -> None:
        """One piece for each call, so that pieces keep their order whatever the timers do."""
        data = self._waiting.popleft()
        if self.other is not None and self.other.transport is not None and not self.other.transport.is_closing():
            self.other.transport.write(data)


class Link:
    """A client's connection and the one to the gateway that belongs to it."""

    def __init__(self, proxy: "Proxy") -> None:
        self.proxy = proxy
        self.is_dead = False
        self.is_swallowing = False
        self.client, self.server = Half(self), Half(self)
        self.client.other, self.server.other = self.server, self.client

    def end(self, *, with_reset: bool) -> None:
        """End both halves, politely or with RST."""
        if self.is_dead:
            return
        self.is_dead = True
        self.proxy.links.discard(self)
        for half in (self.client, self.server):
            if half.transport is None:
                continue
            if with_reset:
                raw: socket.socket = half.transport.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                half.transport.abort()
            else:
                half.transport.close()

    def swallow(self) -> None:
        """From now on nothing passes, and nobody is told: a pulled cable."""
        self.is_swallowing = True

    def cut_after(self, count: int) -> None:
        """Let this many more bytes through to the client, then reset: an answer is lost in the middle."""
        self.server.left = count


class Proxy:
    """Listens on a port of its own in front of `target_port`."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._connecting: set[asyncio.Task[None]] = set()
        self.links: set[Link] = set()
        self.latency = 0.0
        self.jitter = 0.0
        self._random = Random(0)

    @property
    def port(self) -> int:
        """Where clients connect."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.get_running_loop().create_server(self._accept, LOOPBACK, 0)

    async def stop(self) -> None:
        """End every link."""
        if self._server is not None:
            self._server.close()
        for task in list(self._connecting):
            task.cancel()
        for link in list(self.links):
            link.end(with_reset=True)
        await asyncio.sleep(0)

    def delay(self) -> float:
        """How long the next piece takes."""
        return self.latency + self.jitter * self._random.random() if self.latency else 0.0

    def some(self, share: float, random: Random) -> list[Link]:
        """A random part of the links."""
        return [link for link in list(self.links) if random.random() < share]

    def connect(self, link: Link) -> None:
        """Find the link's other end; until then its client is not read."""
        task = asyncio.get_running_loop().create_task(self._connect(link))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    def _accept(self) -> asyncio.Protocol:
        link = Link(self)
        self.links.add(link)
        return link.client

    async def _connect(self, link: Link) -> None:
        try:
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: link.server, LOOPBACK, self._target_port)
        except OSError:
            link.end(with_reset=True)
            return
        if link.client.transport is not None and not link.client.transport.is_closing():
            link.client.transport.resume_reading()
