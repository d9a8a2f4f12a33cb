"""Talking over a socket: a request, its reply, and what came meanwhile."""

import json
from contextlib import suppress
from itertools import count
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Response
from websockets.sync.client import ClientConnection, connect

from tests.api.calls import Json
from tests.stack.people import SECONDS, receive

_ids = count(1)


def ask(socket: ClientConnection, kind: str, **fields: Any) -> Json:
    """Send a frame and return the frame that answers it; others are skipped."""
    frame_id = f"request-{next(_ids)}"
    socket.send(json.dumps({"type": kind, "id": frame_id} | fields))
    return reply(socket, frame_id)


def reply(socket: ClientConnection, frame_id: str | None) -> Json:
    """The next reply with this id."""
    while True:
        frame: Json = json.loads(socket.recv(timeout=SECONDS))
        if frame["type"] in ("ok", "error", "pong") and frame["id"] == frame_id:
            return frame


def assert_error(frame: Json, code: str | None = None) -> None:
    """Assert that this is an error as the contract has it."""
    assert frame.keys() == {"type", "id", "code", "detail", "retry_after"}
    assert frame["type"] == "error"
    assert frame["detail"]
    if code is not None:
        assert frame["code"] == code


def is_alive(socket: ClientConnection) -> bool:
    """Whether the socket still answers."""
    return bool(ask(socket, "ping")["type"] == "pong")


def next_event(socket: ClientConnection, kind: str) -> Json:
    """The next event of this type."""
    while True:
        frame = receive(socket, "event")
        if frame["event"] == kind:
            return frame


def frames_until(socket: ClientConnection, kind: str) -> list[Json]:
    """All frames up to the first of this type."""
    frames: list[Json] = []
    while not frames or frames[-1]["type"] != kind:
        frames.append(json.loads(socket.recv(timeout=SECONDS)))
    return frames


def close_code(socket: ClientConnection, seconds: float) -> int | None:
    """The code that the server closes with in this time; None if it does not."""
    with suppress(TimeoutError):
        try:
            while True:
                socket.recv(timeout=seconds)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
    return None


def refusal_if_any(url: str, **options: Any) -> Response | None:
    """The HTTP answer to a handshake that is refused, None if it is not."""
    try:
        with connect(url, open_timeout=SECONDS, **options):
            return None
    except InvalidStatus as refused:
        return refused.response


def refusal(url: str, **options: Any) -> Response:
    """The HTTP answer to a handshake that must be refused."""
    response = refusal_if_any(url, **options)
    assert response is not None, "a socket was opened"
    return response
