"""The way out to one peer: what its connection takes is written at once, and nobody waits for it."""

import asyncio
from collections.abc import Callable

from chat_service.realtime.protocol import Close
from shared.sockets import Channel

MAX_QUEUED = 1_000
SEND_SECONDS = 10.0
"""How long a peer may take nothing."""
GOODBYE_SECONDS = 1.0
"""How long the close frame may take; then the connection is cut off."""


class Wire:
    """A bounded queue, emptied once a turn of the loop in one write; with a task only while the peer takes nothing."""

    __slots__ = ("_channel", "_is_open", "_is_scheduled", "_queue", "_task", "close_code", "on_empty")

    def __init__(self, channel: Channel, on_empty: Callable[[], None]) -> None:
        self._channel = channel
        self._queue: list[bytes] = []
        self._is_open = False
        self._is_scheduled = False
        self._task: asyncio.Task[None] | None = None
        self.close_code: Close | None = None
        self.on_empty = on_empty

    def __len__(self) -> int:
        return len(self._queue)

    def open(self) -> None:
        """The socket was accepted: begin to write."""
        self._is_open = True
        if self.close_code is not None:
            self._say_goodbye()
        elif self._queue:
            self._schedule()

    def push(self, frame: bytes, *, at_once: bool = False) -> None:
        """Queue a frame, and write all that is queued at the next turn of the loop, or `at_once`.

        A peer that leaves the queue full is cut off; it comes back and resumes.
        """
        if len(self._queue) >= MAX_QUEUED:
            self.close(Close.TOO_SLOW)
        elif self.close_code is None or self.close_code is Close.RESTARTING:
            self._queue.append(frame)
            if at_once:
                self._flush()
            else:
                self._schedule()

    def close(self, code: Close) -> None:
        """Close the socket. What is queued is still sent only if the service ends."""
        if self.close_code is None:
            self.close_code = code
            if self._is_open:
                self._say_goodbye()

    def end(self) -> None:
        """The socket is gone."""
        self._is_open = False
        if self._task is not None:
            self._task.cancel()

    def _schedule(self) -> None:
        if self._is_open and not self._is_scheduled and self._task is None:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._flush_in_turn)

    def _flush_in_turn(self) -> None:
        self._is_scheduled = False
        self._flush()

    def _flush(self) -> None:
        if self._task is not None or not self._is_open or not self._queue:
            return
        if self._channel.write(self._queue):
            self._queue.clear()
            self.on_empty()
        else:
            self._task = asyncio.create_task(self._wait_for_peer(), name="socket-writer")

    async def _wait_for_peer(self) -> None:
        try:
            while self._queue:
                async with asyncio.timeout(SEND_SECONDS):
                    await self._channel.send_text(self._queue[0])
                self._queue.pop(0)
        except TimeoutError:
            self.close(Close.TOO_SLOW)
        except ConnectionError:  # the reader hears of it too
            return
        else:
            self._task = None
            self.on_empty()

    def _say_goodbye(self) -> None:
        waiting, self._task = self._task, asyncio.create_task(self._close(), name="socket-goodbye")
        if waiting is not None and waiting is not asyncio.current_task():
            waiting.cancel()

    async def _close(self) -> None:
        assert self.close_code is not None
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                while self._queue and self.close_code is Close.RESTARTING:
                    await self._channel.send_text(self._queue.pop(0))
                await self._channel.close(self.close_code)
        except (TimeoutError, ConnectionError):
            self._channel.abort()  # a polite close would wait for ever on a peer that does not read
