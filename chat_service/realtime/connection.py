"""One socket: how far its events are, until when it may stay, and how fast it may send."""

import asyncio
import time
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import to_json

from chat_service.realtime.protocol import Close
from chat_service.realtime.wire import MAX_QUEUED, Wire
from shared.clock import monotonic
from shared.sockets import Channel
from shared.tokens import Claims

EPHEMERAL_ROOM = MAX_QUEUED // 2
REPLAY_ROOM = MAX_QUEUED // 4
FRAMES_PER_SECOND = 50.0
FRAMES_BURST = 500.0
MAX_REFUSED = 200


class Follower(Protocol):
    """Who feeds replays."""

    def on_drained(self, connection: "Connection") -> None:
        """A slow replay has room again."""


class Connection:
    """Frames go into a bounded queue; nobody ever waits for a peer."""

    __slots__ = (
        "_bucket",
        "_bucket_at",
        "_expiry",
        "_follower",
        "_is_answering",
        "_is_leaving",
        "_wire",
        "announces_live",
        "expires_at",
        "head",
        "is_catching_up",
        "position",
        "refused",
        "session_id",
        "user_id",
        "watched",
    )

    def __init__(self, channel: Channel, claims: Claims) -> None:
        self._wire = Wire(channel, self._on_empty)
        self._follower: Follower | None = None
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
        self._expiry: asyncio.TimerHandle | None = None
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
    def is_closing(self) -> bool:
        """Whether the socket is to be closed: nothing that it sends counts any more."""
        return self._wire.close_code is not None

    @property
    def has_room(self) -> bool:
        """Whether a replay may queue another batch."""
        return len(self._wire) <= REPLAY_ROOM

    def open(self, hub: Follower) -> None:
        """The socket was accepted. `hub` hears when a replay may go on."""
        self._follower = hub
        self._wire.open()
        self._await_expiry()

    def _on_empty(self) -> None:
        if self.is_catching_up and self._follower is not None:
            self._follower.on_drained(self)

    def end(self) -> None:
        """The socket is gone."""
        self._wire.end()
        if self._expiry is not None:
            self._expiry.cancel()

    def push(self, frame: bytes | BaseModel, *, at_once: bool = False) -> None:
        """Queue a frame; it is written at the next turn of the loop, or `at_once` if somebody waits for it."""
        self._wire.push(frame if isinstance(frame, bytes) else to_json(frame), at_once=at_once)

    def push_ephemeral(self, frame: BaseModel) -> None:
        """Queue a frame that may be lost: it is, when the client is slow."""
        if len(self._wire) < EPHEMERAL_ROOM:
            self.push(frame)

    def push_event(self, seq: int, frame: bytes, *, at_once: bool = False) -> bool:
        """Queue the next event; one that came before is dropped. False when events before it are missing here."""
        self.head = max(self.head, seq)
        if self.is_catching_up or seq <= self.position:
            return True
        if seq != self.position + 1:
            return False
        self.position = seq
        self._wire.push(frame, at_once=at_once)
        return True

    def replay_event(self, seq: int, frame: bytes) -> None:
        """Queue an event that was read from the database, if it is the next one."""
        if seq == self.position + 1:
            self.position = seq
            self._wire.push(frame)

    def begin_answer(self) -> None:
        """Work on a frame begins: the socket stays for its answer, even when the service ends."""
        self._is_answering = True

    def end_answer(self) -> None:
        """The answer is queued."""
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
        self._wire.close(code)

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
        return True

    def _await_expiry(self) -> None:
        """Look when the token's time is over; it may have been renewed by then."""
        if self.is_expired:
            self.close(Close.TOKEN_EXPIRED)
        else:
            delay = self.expires_at - time.time()
            self._expiry = asyncio.get_running_loop().call_later(delay, self._await_expiry)
