"""What waits to be sent to a socket, and which event comes next."""

import json
import time
from typing import Any
from uuid import uuid4

from chat_service.realtime.connection import EPHEMERAL_ROOM, FRAMES_BURST, MAX_QUEUED, Connection
from chat_service.realtime.protocol import Close, TypingNotice
from shared.tokens import Claims


class FakeSocket:
    """A socket that takes everything, in memory."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.closed: int | None = None
        self.client_state: Any = None

    async def send_text(self, text: str) -> None:
        self.sent.append(text)

    async def close(self, code: int) -> None:
        self.closed = code


def connection(lifetime: float = 60) -> Connection:
    return Connection(FakeSocket(), Claims(1, uuid4(), int(time.time() + lifetime)))  # type: ignore[arg-type]


def live(position: int = 10) -> Connection:
    found = connection()
    found.position, found.is_catching_up = position, False
    return found


def test_the_next_event_is_queued() -> None:
    assert live(10).push_event(11, "x")


def test_an_event_that_came_before_is_dropped() -> None:
    one = live(10)
    assert one.push_event(10, "x")
    assert one.position == 10


def test_a_gap_is_not_believed() -> None:
    one = live(10)
    assert not one.push_event(12, "x")
    assert (one.position, one.head) == (10, 12)


def test_live_events_wait_while_it_catches_up() -> None:
    one = connection()
    assert one.push_event(7, "x")
    assert (one.position, one.head) == (0, 7)


def test_replay_goes_on_where_it_is() -> None:
    one = live(10)
    for seq in (9, 10, 11, 12, 14):
        one.replay_event(seq, str(seq))
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


def sent(one: Connection) -> FakeSocket:
    socket: FakeSocket = one._websocket  # type: ignore[assignment]
    return socket


async def test_who_does_not_read_is_cut_off() -> None:
    from starlette.websockets import WebSocketState

    one = live(0)
    sent(one).client_state = WebSocketState.CONNECTED
    for seq in range(1, MAX_QUEUED + 2):
        one.push_event(seq, "x")
    await one.write(lambda _: None)
    assert sent(one).closed == Close.TOO_SLOW


async def test_what_may_be_lost_is_lost_first() -> None:
    from starlette.websockets import WebSocketState

    one = live(0)
    sent(one).client_state = WebSocketState.CONNECTED
    for _ in range(MAX_QUEUED * 2):
        one.push_ephemeral(TypingNotice(peer_id=2, on=True))
    assert one.has_room is False
    for seq in range(1, MAX_QUEUED - EPHEMERAL_ROOM + 1):
        one.push_event(seq, json.dumps(seq))
    assert not one.closing.is_set()


async def test_an_expired_token_closes() -> None:
    from starlette.websockets import WebSocketState

    one = connection(lifetime=-1)
    sent(one).client_state = WebSocketState.CONNECTED
    await one.write(lambda _: None)
    assert sent(one).closed == Close.TOKEN_EXPIRED
