"""One socket: what waits to be sent to it, how far its events are, and until when it may stay."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from pydantic import BaseModel
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from chat_service.realtime.protocol import Close
from shared.clock import monotonic
from shared.tokens import Claims

MAX_QUEUED = 1_000
EPHEMERAL_ROOM = MAX_QUEUED // 2
REPLAY_ROOM = MAX_QUEUED // 4
FRAMES_PER_SECOND = 50.0
FRAMES_BURST = 500.0
MAX_REFUSED = 200
SEND_SECONDS = 10


class Connection:
    """Frames go into a bounded queue that a writer empties; nobody ever waits for a peer."""

    def __init__(self, websocket: WebSocket, claims: Claims) -> None:
        self._websocket = websocket
        self.user_id = claims.user_id
        self.session_id: UUID = claims.session_id
        self.expires_at = claims.expires_at
        self.position = 0
        """The seq of the last event that was queued."""
        self.head = 0
        """The newest seq that we heard of."""
        self.is_catching_up = True
        """Events are read from the database until `position` reaches `head`; live ones are left to that."""
        self.announces_live = False
        """The client asked for a replay, and is told when it is complete."""
        self.watched: set[int] = set()
        self._queue: deque[str] = deque()
        self._wake = asyncio.Event()
        self._close_code: Close | None = None
        self.closing = asyncio.Event()
        """Set once the socket is to be closed: nothing that it sends counts any more."""
        self.said_goodbye = False
        """The close frame is on its way."""
        self._bucket = FRAMES_BURST
        self._bucket_at = monotonic()
        self.refused = 0
        """Frames refused since the last one that was within the limit."""
        self._is_answering = False
        self._is_leaving = False

    @property
    def is_expired(self) -> bool:
        """Whether the access token's time is over."""
        return self.expires_at <= time.time()

    @property
    def has_room(self) -> bool:
        """Whether a replay may queue another batch."""
        return len(self._queue) <= REPLAY_ROOM

    def push(self, frame: str | BaseModel) -> None:
        """Queue a frame. A client that leaves the queue full is cut off; it comes back and resumes."""
        if len(self._queue) >= MAX_QUEUED:
            self.close(Close.TOO_SLOW)
            return
        self._queue.append(frame if isinstance(frame, str) else frame.model_dump_json())
        self._wake.set()

    def push_ephemeral(self, frame: BaseModel) -> None:
        """Queue a frame that may be lost: it is, when the client is slow."""
        if len(self._queue) < EPHEMERAL_ROOM:
            self.push(frame)

    def push_event(self, seq: int, frame: str) -> bool:
        """Queue the next event; one that came before is dropped. False when events before it are missing here."""
        self.head = max(self.head, seq)
        if self.is_catching_up or seq <= self.position:
            return True
        if seq != self.position + 1:
            return False
        self.position = seq
        self.push(frame)
        return True

    def replay_event(self, seq: int, frame: str) -> None:
        """Queue an event that was read from the database, if it is the next one."""
        if seq == self.position + 1:
            self.position = seq
            self.push(frame)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Around the work on one frame: the socket stays for its answer, even when the service ends."""
        self._is_answering = True
        try:
            yield
        finally:
            self._is_answering = False
            if self._is_leaving:
                self.close(Close.RESTARTING)

    def leave(self) -> None:
        """The service ends: answer the frame that is being worked on, send what is queued, then close."""
        self._is_leaving = True
        if not self._is_answering:
            self.close(Close.RESTARTING)

    def close(self, code: Close) -> None:
        """Close the socket; what it sends is not heard any more. What is queued is sent only if the service ends."""
        if self._close_code is None:
            self._close_code = code
        self.closing.set()
        self._wake.set()

    def may_send(self) -> bool:
        """Whether one more frame from the client is within its rate (a token bucket)."""
        now = monotonic()
        self._bucket = min(FRAMES_BURST, self._bucket + (now - self._bucket_at) * FRAMES_PER_SECOND)
        self._bucket_at = now
        if self._bucket < 1:
            self.refused += 1
            return False
        self._bucket -= 1
        self.refused = 0
        return True

    def renew(self, claims: Claims) -> bool:
        """Stay until the new token expires; False if it is not of this session."""
        if claims.session_id != self.session_id or claims.user_id != self.user_id:
            return False
        self.expires_at = claims.expires_at
        self._wake.set()
        return True

    async def write(self, drained: Callable[["Connection"], None]) -> None:
        """Send what is queued until the socket closes; `drained` is called when a replay may go on."""
        while not self.closing.is_set() or (self._close_code is Close.RESTARTING and self._queue):
            if not self._queue:
                await self._wait()
            elif not await self._send(self._queue.popleft()):
                return
            elif self.is_catching_up and len(self._queue) == REPLAY_ROOM:
                drained(self)
        if self._close_code is not None and self._websocket.client_state is WebSocketState.CONNECTED:
            with suppress(WebSocketDisconnect, RuntimeError):
                await self._websocket.close(self._close_code)
        self.said_goodbye = True

    async def _send(self, frame: str) -> bool:
        """Send one frame; False when the peer is gone, or takes nothing for too long."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._websocket.send_text(frame)
        except TimeoutError:
            self.close(Close.TOO_SLOW)
            return False
        except (WebSocketDisconnect, RuntimeError):
            self.said_goodbye = True
            return False
        return True

    async def _wait(self) -> None:
        """Until there is something to do, or the token expires."""
        self._wake.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, self.expires_at - time.time())):
                await self._wake.wait()
        if self.is_expired:
            self.close(Close.TOKEN_EXPIRED)
