"""What waits to be sent to a socket, and which event comes next."""

import asyncio
import time
from collections.abc import Callable, Iterable
from uuid import uuid4

import pytest

from chat_service.realtime import wire
from chat_service.realtime.connection import EPHEMERAL_ROOM, FRAMES_BURST, Connection
from chat_service.realtime.protocol import Close, TypingNotice
from chat_service.realtime.wire import MAX_QUEUED
from shared.sockets import Hear
from shared.tokens import Claims


class FakeSocket:
    """A peer that takes everything, or nothing."""

    def __init__(self, *, reads: bool = True) -> None:
        self.sent: list[bytes] = []
        self.closed: int | None = None
        self.is_cut_off = False
        self._reads = asyncio.Event()
        if reads:
            self._reads.set()
        self.drain: Callable[[], None] | None = None

    def write(self, frames: Iterable[bytes]) -> bool:
        if self._reads.is_set():
            self.sent.extend(frames)
        return self._reads.is_set()

    async def send_text(self, text: bytes) -> None:
        await self._reads.wait()
        self.sent.append(text)

    async def close(self, code: int) -> None:
        await self._reads.wait()
        self.closed = code

    def abort(self) -> None:
        self.is_cut_off = True

    def listen(self, hear: Hear) -> None:
        """Nobody speaks here."""

    def read(self) -> None:
        """Begin to."""
        self._reads.set()


class Nobody:
    """Feeds no replays."""

    def on_drained(self, connection: Connection) -> None:
        """Nothing waits."""


def connection(lifetime: float = 60, socket: FakeSocket | None = None) -> Connection:
    claims = Claims(1, uuid4(), int(time.time() + lifetime))
    return Connection(socket or FakeSocket(), claims)


def live(position: int = 10) -> Connection:
    found = connection()
    found.position, found.is_catching_up = position, False
    return found


def test_the_next_event_is_queued() -> None:
    assert live(10).push_event(11, b"x")


def test_an_event_that_came_before_is_dropped() -> None:
    one = live(10)
    assert one.push_event(10, b"x")
    assert one.position == 10


def test_a_gap_is_not_believed() -> None:
    one = live(10)
    assert not one.push_event(12, b"x")
    assert (one.position, one.head) == (10, 12)


def test_live_events_wait_while_it_catches_up() -> None:
    one = connection()
    assert one.push_event(7, b"x")
    assert (one.position, one.head) == (0, 7)


def test_replay_goes_on_where_it_is() -> None:
    one = live(10)
    for seq in (9, 10, 11, 12, 14):
        one.replay_event(seq, b"%d" % seq)
    assert one.position == 12


def test_a_token_of_another_session_does_not_renew() -> None:
    one = connection()
    mine = Claims(1, one.session_id, 2_000_000_000)
    assert one.renew(mine)
    assert one.expires_at == 2_000_000_000
    assert not one.renew(Claims(2, one.session_id, 3_000_000_000))
    assert not one.renew(Claims(1, uuid4(), 3_000_000_000))
    assert one.expires_at == 2_000_000_000


def test_the_rate_of_frames_has_a_bound() -> None:
    one = connection()
    allowed = sum(one.may_send() for _ in range(int(FRAMES_BURST) * 2))
    assert FRAMES_BURST <= allowed < FRAMES_BURST * 1.2


async def opened(socket: FakeSocket, lifetime: float = 60) -> Connection:
    one = connection(lifetime, socket)
    one.is_catching_up = False
    one.open(Nobody())
    return one


async def settled(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 -- a turn of the loop at a time
            await asyncio.sleep(0)


async def test_what_is_queued_in_one_turn_is_written_in_order() -> None:
    socket = FakeSocket()
    one = await opened(socket)
    for seq in range(1, 6):
        one.push_event(seq, b"%d" % seq)
    assert socket.sent == []
    await settled(lambda: socket.sent == [b"1", b"2", b"3", b"4", b"5"])
    one.end()


async def test_an_answer_is_written_at_once_with_what_is_queued() -> None:
    socket = FakeSocket()
    one = await opened(socket)
    one.push_event(1, b"1")
    one.push(b"ok", at_once=True)
    assert socket.sent == [b"1", b"ok"]
    one.push_event(2, b"2")
    await settled(lambda: socket.sent == [b"1", b"ok", b"2"])
    one.end()


async def test_answers_to_a_peer_that_begins_to_read_late_keep_their_order() -> None:
    socket = FakeSocket(reads=False)
    one = await opened(socket)
    one.push(b"1", at_once=True)
    one.push_event(1, b"2")
    one.push(b"3", at_once=True)
    socket.read()
    await settled(lambda: socket.sent == [b"1", b"2", b"3"])
    one.end()


async def test_a_peer_that_begins_to_read_late_gets_everything_in_order() -> None:
    socket = FakeSocket(reads=False)
    one = await opened(socket)
    one.push_event(1, b"1")
    await asyncio.sleep(0)
    one.push_event(2, b"2")
    await asyncio.sleep(0)
    socket.read()
    one.push_event(3, b"3")
    await settled(lambda: socket.sent == [b"1", b"2", b"3"])
    one.end()


async def test_who_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "GOODBYE_SECONDS", 0.01)
    socket = FakeSocket(reads=False)
    one = await opened(socket)
    for seq in range(1, MAX_QUEUED + 2):
        one.push_event(seq, b"x")
    assert one.is_closing
    await settled(lambda: socket.is_cut_off)
    assert socket.sent == []
    one.end()


async def test_who_reads_again_in_time_is_told_why() -> None:
    socket = FakeSocket(reads=False)
    one = await opened(socket)
    for seq in range(1, MAX_QUEUED + 2):
        one.push_event(seq, b"x")
    socket.read()
    await settled(lambda: socket.closed == Close.TOO_SLOW)
    one.end()


async def test_a_peer_that_takes_nothing_for_too_long_is_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SEND_SECONDS", 0.01)
    monkeypatch.setattr(wire, "GOODBYE_SECONDS", 0.01)
    socket = FakeSocket(reads=False)
    one = await opened(socket)
    one.push(b"x")
    await settled(lambda: one.is_closing and socket.is_cut_off)
    one.end()


async def test_when_the_service_ends_the_answer_is_sent_first() -> None:
    socket = FakeSocket()
    one = await opened(socket)
    one.begin_answer()
    one.leave()
    assert not one.is_closing
    one.push(b"the answer")
    one.end_answer()
    await settled(lambda: socket.closed == Close.RESTARTING)
    assert socket.sent == [b"the answer"]
    one.end()


async def test_a_socket_that_ends_before_it_is_accepted_is_closed_then() -> None:
    socket = FakeSocket()
    one = connection(socket=socket)
    one.close(Close.SESSION_ENDED)
    one.push(b"x")
    one.open(Nobody())
    await settled(lambda: socket.closed == Close.SESSION_ENDED)
    assert socket.sent == []
    one.end()


async def test_what_may_be_lost_is_lost_first() -> None:
    one = live(0)
    for _ in range(MAX_QUEUED * 2):
        one.push_ephemeral(TypingNotice(peer_id=2, on=True))
    assert one.has_room is False
    for seq in range(1, MAX_QUEUED - EPHEMERAL_ROOM + 1):
        one.push_event(seq, b"%d" % seq)
    assert not one.is_closing


async def test_an_expired_token_closes_unless_it_was_renewed() -> None:
    socket, renewed = FakeSocket(), FakeSocket()
    one, other = await opened(socket, lifetime=1), await opened(renewed, lifetime=1)
    assert other.renew(Claims(1, other.session_id, int(time.time() + 60)))
    await settled(lambda: socket.closed == Close.TOKEN_EXPIRED)
    assert not other.is_closing
    for each in (one, other):
        each.end()
