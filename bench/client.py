"""The load generator's socket: RFC 6455 by hand on an asyncio protocol, because it shares the machine with the servers.

Frames are masked with zeros, as the RFC allows, so that they can be made beforehand and sent as they are.
"""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import Self, cast

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
MASKED = 0x80
NO_MASK = bytes(4)
CONNECT_SECONDS = 60


class Refused(Exception):
    """The handshake was refused, or the connection ended before it."""

    def __init__(self, status: int, retry_after: float | None = None) -> None:
        super().__init__(f"refused with {status}")
        self.status = status
        self.retry_after = retry_after


def head(length: int, opcode: int = TEXT) -> bytes:
    """What comes before a client's payload of this length."""
    if length < 126:
        return bytes((MASKED | opcode, MASKED | length)) + NO_MASK
    return bytes((MASKED | opcode, MASKED | 126)) + length.to_bytes(2, "big") + NO_MASK


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A client's frame."""
    return head(len(payload), opcode) + payload


def _ignore(_: bytes) -> None:
    """Nobody listens."""


class Socket(asyncio.Protocol):
    """A client socket. `on_text` gets every text frame; `ended` is set once it is closed, with the code if told."""

    def __init__(self, port: int, token: str, query: str, on_text: Callable[[bytes], None]) -> None:
        self._request = _handshake(port, token, query)
        self.on_text = on_text
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended = False
        self.close_code: int | None = None
        self._is_open = False
        self._rest = b""
        self.transport: asyncio.Transport = cast("asyncio.Transport", None)

    @classmethod
    async def connect(
        cls, port: int, token: str, *, query: str = "", on_text: Callable[[bytes], None] = _ignore
    ) -> Self:
        """An open socket, or `Refused`."""
        loop = asyncio.get_running_loop()
        try:
            _, socket = await loop.create_connection(lambda: cls(port, token, query, on_text), "127.0.0.1", port)
        except OSError:
            raise Refused(0) from None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await socket.opened
        except TimeoutError:
            socket.cut()
            raise Refused(0) from None
        return socket

    @classmethod
    async def connect_patiently(
        cls, port: int, token: str, *, query: str = "", on_text: Callable[[bytes], None] = _ignore
    ) -> Self:
        """As `connect`; a busy server is asked again when it says."""
        deadline = asyncio.get_running_loop().time() + CONNECT_SECONDS
        while True:
            try:
                return await cls.connect(port, token, query=query, on_text=on_text)
            except Refused as refused:
                if asyncio.get_running_loop().time() > deadline or refused.status not in (0, 429, 503):
                    raise
                await asyncio.sleep(refused.retry_after or 0.5)

    def send(self, data: bytes) -> None:
        """Send frames that `frame` has made."""
        self.transport.write(data)

    def cut(self) -> None:
        """End without a word, as a lost network does."""
        self.ended = True
        self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.ended = True
        if not self.opened.done():
            self.opened.set_exception(Refused(0))

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        if not self._is_open:
            head, separator, data = data.partition(b"\r\n\r\n")
            if not separator:
                self._rest = head
                return
            if not self._accept(head):
                return
        self._rest = self._read(data)

    def _accept(self, head: bytes) -> bool:
        status = int(head[9:12])
        if self.opened.done():  # refused, and this is the rest of the answer
            return False
        if status != 101:
            self.opened.set_exception(Refused(status, _retry_after(head)))
            self.transport.close()
            return False
        self._is_open = True
        self.opened.set_result(None)
        return True

    def _read(self, data: bytes) -> bytes:
        """Take every whole frame; what is left."""
        position, size = 0, len(data)
        while size - position >= 2:
            length, start = data[position + 1], position + 2
            if length >= 126:
                width = 2 if length == 126 else 8
                start += width
                if start > size:
                    break
                length = int.from_bytes(data[start - width : start], "big")
            end = start + length
            if end > size:
                break
            opcode = data[position] & 15
            if opcode == TEXT:
                self.on_text(data[start:end])
            elif opcode == PING:
                self.transport.write(frame(data[start:end], PONG))
            elif opcode == CLOSE:
                self.close_code = int.from_bytes(data[start : start + 2], "big")
                self.transport.close()
            position = end
        return data[position:]


def _handshake(port: int, token: str, query: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET /api/ws{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: chat.v1, bearer.{token}\r\n\r\n"
    ).encode()


def _retry_after(head: bytes) -> float | None:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"retry-after":
            return float(value)
    return None
