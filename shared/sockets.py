"""uvicorn's socket, with doors of its own for the application: an idle socket is an object, and not a task."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State
from websockets.streams import StreamReader
from websockets.utils import apply_mask

FRAMES_AHEAD = 16
"""Frames of one socket that may wait to be worked on before no more are read."""
LARGE_FRAME_BYTES = 16 * 1024
SOCKET_LOG = logging.getLogger("uvicorn.socket")
SOCKET_LOG.setLevel(logging.WARNING)  # who connects is in our own log already
TEXT_FRAME = 0x81
MASKED = 0x80
TWO_BYTES, EIGHT_BYTES = 126, 127
"""What stands in place of a length that follows in so many."""
Event = dict[str, Any]
Hear = Callable[[Event], asyncio.Future[Any] | None]
"""Works on an event, or begins to: the next one comes after the future that it gives."""


class Channel(Protocol):
    """What an application finds in `scope["state"]["channel"]`."""

    def write(self, texts: Iterable[bytes]) -> bool:
        """Send text frames right now, in one write; False when the peer takes nothing more at present, or is gone."""

    async def send_text(self, text: bytes) -> None:
        """Send a text frame once the peer takes it; ConnectionError if it is gone."""

    async def close(self, code: int) -> None:
        """Say goodbye politely; that waits for ever on a peer that does not read."""

    def abort(self) -> None:
        """Cut the socket off."""

    drain: Callable[[], None] | None
    """Called when the server ends; it is to end the socket after the answers that are on their way."""

    def listen(self, hear: Hear) -> None:
        """Give every ASGI event from here on to `hear`, one after the other, so that the application may return.

        The last one is `websocket.disconnect`.
        """


class Inbox:
    """What came and was not worked on yet, in place of uvicorn's queue, which weighs 2 KiB a socket."""

    __slots__ = ("_events", "_waiting", "on_put")

    def __init__(self) -> None:
        self._events: deque[Event] | None = None
        self._waiting: asyncio.Future[None] | None = None
        self.on_put: Callable[[], None] | None = None

    def empty(self) -> bool:
        return not self._events

    def qsize(self) -> int:
        return len(self._events or ())

    def put_nowait(self, event: Event) -> None:
        self._events = self._events or deque()
        self._events.append(event)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
        if self.on_put is not None:
            self.on_put()

    def get_nowait(self) -> Event:
        assert self._events
        event = self._events.popleft()
        if not self._events:
            self._events = self._waiting = None
        return event

    async def get(self) -> Event:
        while not self._events:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return self.get_nowait()


class SocketProtocol(WebSocketsSansIOProtocol):
    """A `Channel` on top of uvicorn's protocol, with an ear for every sign of life."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 -- uvicorn's own
        super().__init__(*args, **options)
        self.logger = SOCKET_LOG
        self.queue: Inbox = Inbox()  # type: ignore[assignment]
        self._hear: Hear | None = None
        self.drain: Callable[[], None] | None = None
        self._is_working = False
        self._is_paused = False

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:  # the handshake was not refused: there is a scope
            self.scope["state"]["channel"] = self

    def write(self, texts: Iterable[bytes]) -> bool:
        if not self.writable.is_set() or self.close_sent or self.disconnected or self.transport.is_closing():
            return False
        parts: list[bytes] = []
        for text in texts:
            parts += _head(len(text)), text
        self.transport.write(b"".join(parts))
        return True

    async def send_text(self, text: bytes) -> None:
        await self._send({"type": "websocket.send", "text": text.decode()})

    async def close(self, code: int) -> None:
        await self._send({"type": "websocket.close", "code": code})

    async def _send(self, event: Event) -> None:
        try:
            await self.send(event)  # type: ignore[arg-type]
        except (ClientDisconnected, RuntimeError) as error:
            raise ConnectionError from error

    def abort(self) -> None:
        self.transport.abort()

    def listen(self, hear: Hear) -> None:
        self._hear = hear
        # uvicorn would pause and resume reading for every frame. It believes that it has, and we see to it.
        self._is_paused, self.read_paused = self.read_paused, True
        self.queue.on_put = self._work
        self._work()

    async def run_asgi(self) -> None:
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            self.logger.exception("Exception in ASGI application\n")
            self.send_500_response()
        else:
            if not self.handshake_complete:
                self.send_500_response()
        if self._hear is None:
            if self.close_timer is None:
                self.transport.close()
            return
        # Nobody asks for these any more, and there may be thousands of sockets.
        del self.scope, self.request, self.response

    def _work(self) -> None:
        while self._hear is not None and not self._is_working and not self.queue.empty():
            if not self._work_on(self._next_event()):
                return

    def _work_on(self, event: Event) -> bool:
        """False if it failed."""
        assert self._hear is not None
        try:
            work = self._hear(event)
        except Exception:
            self.logger.exception("a socket's event could not be worked on")
            self.transport.abort()
            return False
        if event["type"] == "websocket.disconnect":
            self._hear = self.drain = self.queue.on_put = None  # they lead back to here
        if work is not None:
            self._is_working = True
            self.tasks.add(work)  # type: ignore[arg-type]  # the server waits for these before it ends
            work.add_done_callback(self._on_worked)
        return True

    def _next_event(self) -> Event:
        event = self.queue.get_nowait()
        if self._is_paused and self.queue.empty():
            self._is_paused = False
            self.transport.resume_reading()
        return event

    def _on_worked(self, work: asyncio.Future[Any]) -> None:
        self.tasks.discard(work)
        self._is_working = False
        self._work()

    def data_received(self, data: bytes) -> None:
        if self.pong_timer is not None:  # whatever comes is life, not only the pong that was asked for
            self.pong_timer.cancel()
            self.pong_timer = None
            self.schedule_ping()
        text = self._whole_text(data)
        if text is None:
            super().data_received(data)
        elif self._is_working or not self.queue.empty():
            self.queue.put_nowait(_text_event(text))
            self._hold_back(len(data))
        else:
            self._work_on(_text_event(text))

    def _whole_text(self, data: bytes) -> str | None:
        """The text, if this is one text frame and nothing else, as most of what comes is.

        uvicorn and its parser would take it in parts, in a sixth of what a message takes until it is on its way to the
        database. None leaves it to them, and with it whatever is wrong with it.
        """
        if self._hear is None or len(data) < 6 or data[0] != TEXT_FRAME or not self._expects_a_message():
            return None
        length, start = data[1] ^ MASKED, 2
        if length == TWO_BYTES:
            length, start = int.from_bytes(data[2:4], "big"), 4
        elif length > TWO_BYTES:  # it is long, or not masked
            return None
        if len(data) != start + 4 + length or length > self.config.ws_max_size:
            return None
        try:
            return apply_mask(data[start + 4 :], data[start : start + 4]).decode()
        except UnicodeDecodeError:
            return None

    def _expects_a_message(self) -> bool:
        """Whether nobody has said goodbye, and the parser has nothing of a frame or of a message yet."""
        if self.conn.state is not State.OPEN or self.conn.current_size is not None:
            return False
        step: Any = self.conn.parser
        while step.gi_yieldfrom is not None:
            step = step.gi_yieldfrom
        return step.gi_code is StreamReader.at_eof.__code__

    def send_receive_event_to_app(self) -> None:
        size = sum(map(len, self.frames))
        super().send_receive_event_to_app()
        self._hold_back(size)

    def _hold_back(self, size: int) -> None:
        """Read no more for now, if much waits."""
        waiting = self.queue.qsize()
        is_much = size > LARGE_FRAME_BYTES or waiting >= FRAMES_AHEAD
        if self._hear is not None and not self._is_paused and waiting and is_much:
            self._is_paused = True
            self.transport.pause_reading()

    def shutdown(self) -> None:
        (self.drain or super().shutdown)()


def _text_event(text: str) -> Event:
    return {"type": "websocket.receive", "text": text}


def _head(size: int) -> bytes:
    """What a server's text frame has before a payload of this size (RFC 6455 §5.2)."""
    if size < TWO_BYTES:
        return bytes((TEXT_FRAME, size))
    if size < 1 << 16:
        return bytes((TEXT_FRAME, TWO_BYTES)) + size.to_bytes(2, "big")
    return bytes((TEXT_FRAME, EIGHT_BYTES)) + size.to_bytes(8, "big")
