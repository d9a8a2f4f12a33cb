"""Frames that are taken whole are heard as those that uvicorn and its parser take in parts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from hypothesis import example, given
from hypothesis import strategies as st
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from shared.sockets import Event, SocketProtocol

LARGEST = 1_000
CLOSE = "close"
"""A text that makes the application close."""
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class InParts(SocketProtocol):
    """The reference: every frame is left to the library."""

    def _whole_text(self, data: bytes) -> None:
        return None


@dataclass
class FakeTransport(asyncio.Transport):
    """Keeps what is written; ends when it is told to."""

    written: list[bytes] = field(default_factory=list)
    is_closed: bool = False
    is_paused: bool = False

    def get_extra_info(self, name: str, default: object = None) -> Any:
        return default

    def write(self, data: bytes) -> None:  # type: ignore[override]
        self.written.append(bytes(data))

    def close(self) -> None:
        self.is_closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        self.is_paused = True  # what is on its way still comes

    def resume_reading(self) -> None:
        self.is_paused = False


@dataclass
class Outcome:
    """What one side saw and said."""

    heard: list[Event]
    written: bytes
    is_closed: bool
    is_paused: bool


async def accept(scope: Any, receive: Any, send: Any) -> None:
    """The application: whoever is told in the state hears what comes."""
    await receive()
    await send({"type": "websocket.accept"})
    scope["state"]["channel"].listen(scope["state"]["hear"])


CONFIG = uvicorn.Config(
    accept,
    ws=SocketProtocol,
    ws_max_size=LARGEST,
    ws_per_message_deflate=False,
    ws_ping_interval=None,
    log_config=None,
)
CONFIG.load()


async def work_for(turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


async def play(kind: type[SocketProtocol], pieces: Sequence[bytes], *, is_slow: bool) -> Outcome:
    """Give a socket these pieces. If it `is_slow`, it works on each event for some turns of the loop."""
    heard: list[Event] = []
    works: list[asyncio.Future[None]] = []
    closing: list[asyncio.Future[None]] = []

    def hear(event: Event) -> asyncio.Future[None] | None:
        assert all(work.done() for work in works), "one after the other"
        heard.append(event)
        if event.get("text") == CLOSE:
            closing.append(asyncio.ensure_future(socket.close(1000)))
        if not is_slow:
            return None
        works.append(asyncio.ensure_future(work_for(30 if closing else 3)))
        return works[-1]

    socket, transport = kind(CONFIG, ServerState(), {"hear": hear}), FakeTransport()
    socket.connection_made(transport)
    socket.data_received(HANDSHAKE)
    while socket._hear is None:  # noqa: ASYNC110 -- a turn of the loop at a time
        await asyncio.sleep(0)
    for piece in pieces:
        if not transport.is_closed:
            socket.data_received(piece)
        await asyncio.sleep(0)
    socket.connection_lost(None)
    while not heard or heard[-1]["type"] != "websocket.disconnect":  # noqa: ASYNC110
        await asyncio.sleep(0)
    return Outcome(heard, b"".join(transport.written), transport.is_closed, transport.is_paused)


def bare(opcode: Opcode, data: bytes, *, fin: bool = True, rsv1: bool = False, mask: bool = True) -> bytes:
    """A frame as it travels, whether or not it is allowed."""
    frame = Frame(opcode, data, fin=fin, rsv1=rsv1)
    frame.check = lambda: None  # type: ignore[method-assign]
    return frame.serialize(mask=mask)


texts = st.one_of(
    st.text(max_size=30).map(str.encode),
    st.sampled_from([125, 126, 127, LARGEST, LARGEST + 1, 1 << 16]).map(lambda size: b"x" * size),
)
whole_texts = st.builds(bare, st.just(Opcode.TEXT), texts)
any_frames = st.builds(
    bare,
    st.sampled_from([Opcode.TEXT, Opcode.CONT, Opcode.BINARY, Opcode.PING, Opcode.PONG, Opcode.CLOSE]),
    st.one_of(texts, st.binary(max_size=130)),
    fin=st.booleans(),
    rsv1=st.sampled_from([False, False, False, True]),
    mask=st.sampled_from([True, True, True, False]),
)


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Frames as they arrive: most of them each for itself, some in pieces, some together."""
    pieces: list[bytes] = []
    for frame in draw(st.lists(st.one_of(whole_texts, any_frames), max_size=12)):
        match draw(st.sampled_from(["whole", "whole", "cut", "joined"])):
            case "cut":
                place = draw(st.integers(0, len(frame)))
                pieces += frame[:place], frame[place:]
            case "joined" if pieces:
                pieces[-1] += frame
            case _:
                pieces.append(frame)
    return pieces


WHOLE = bare(Opcode.TEXT, b"whole")


@given(streams(), st.booleans())
@example([bare(Opcode.TEXT, b"a", fin=False), WHOLE], False)  # a new message before the last one has ended
@example([WHOLE[:2], WHOLE, WHOLE[2:]], False)  # one within another
@example([WHOLE[:6], WHOLE], False)
@example([bare(Opcode.TEXT, b"a", fin=False), bare(Opcode.PING, b""), bare(Opcode.CONT, b"b"), WHOLE], True)
@example([bare(Opcode.CLOSE, b"\x03\xe8"), WHOLE], False)
@example([bare(Opcode.TEXT, b"\xff"), WHOLE], False)
@example([bare(Opcode.TEXT, b"x" * (LARGEST + 1))], False)
@example([bare(Opcode.TEXT, CLOSE.encode()), b"", b"", WHOLE], False)
@example([bare(Opcode.TEXT, CLOSE.encode())] + [WHOLE] * 40, True)  # more than may wait
@example([bare(Opcode.TEXT, b"abcdef", mask=False) + b"abcd"], False)  # as long as one that is masked
@example([WHOLE] * 40, True)
def test_the_same_is_heard_and_answered(pieces: list[bytes], is_slow: bool) -> None:
    both = [asyncio.run(play(kind, pieces, is_slow=is_slow)) for kind in (SocketProtocol, InParts)]
    assert both[0] == both[1]


def test_a_whole_text_is_not_given_to_the_parser() -> None:
    class Watched(SocketProtocol):
        taken = 0

        def _whole_text(self, data: bytes) -> str | None:
            text = super()._whole_text(data)
            Watched.taken += text is not None
            return text

    pieces = [WHOLE, WHOLE[:3], WHOLE[3:], WHOLE, WHOLE + WHOLE, WHOLE]
    heard = asyncio.run(play(Watched, pieces, is_slow=False)).heard
    assert [event.get("text") for event in heard] == ["whole"] * 6 + [None]
    assert Watched.taken == 3
