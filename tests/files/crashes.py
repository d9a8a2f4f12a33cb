"""Uploads during which the service is killed."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO

import httpx2

from tests.api.calls import ok
from tests.files.bodies import BOUNDARY, END, TYPE, named
from tests.files.tus import PIECE, Sender, create, finish
from tests.harness.servers import Embedded

LONGEST_WAIT = 0.15
"""Seconds after the last byte in which it may still be killed: while it stores and commits."""
HEAD = f"--{BOUNDARY}\r\n".encode() + named(b"a.bin") + b"\r\n\r\n"
TAIL = b"\r\n" + END
PART = 1 << 20


@dataclass
class Fate:
    """Kills the server once. `after` is a share of the file; what is over 1 is a time after its last byte."""

    server: Embedded
    after: float
    size: int
    killed: threading.Event = field(default_factory=threading.Event)

    def told(self, handed_over: int) -> None:
        """So many bytes were handed over."""
        if handed_over >= self.after * self.size:
            self._kill()

    def at_the_end(self) -> None:
        """All bytes were handed over."""
        threading.Timer(max(0.0, self.after - 1) * LONGEST_WAIT, self._kill).start()

    def _kill(self) -> None:
        if not self.killed.is_set():
            self.server.kill()
            self.killed.set()


@dataclass
class Outcome:
    """What a client knows after its connection broke."""

    content: bytes
    file_id: str | None = None
    """If the answer came."""
    location: str | None = None
    """Where it can go on, if it came in parts."""

    @property
    def sha256(self) -> str:
        """Of what was to be stored."""
        return hashlib.sha256(self.content).hexdigest()


def send_whole(client: httpx2.Client, content: bytes, fate: Fate) -> Outcome:
    """Upload by multipart, until it is killed."""

    def body() -> Iterator[bytes]:
        yield HEAD
        for start in range(0, len(content), PIECE):
            fate.told(start)
            yield content[start : start + PIECE]
        yield TAIL
        fate.at_the_end()

    outcome = Outcome(content)
    headers = {"Content-Type": TYPE, "Content-Length": str(len(HEAD) + len(content) + len(TAIL))}
    with suppress(httpx2.TransportError):
        outcome.file_id = ok(client.post("/api/files/upload", content=body(), headers=headers), 201)[0]["id"]
    return outcome


def send_parts(client: httpx2.Client, content: bytes, fate: Fate) -> Outcome:
    """Upload in parts and complete it, until it is killed; whoever sends does not know that it will not come back."""
    outcome = Outcome(content, location=create(client, len(content)))
    sender = Sender(client, BytesIO(content), len(content), PART)
    sender.on_piece = fate.told
    sender.tries = 0
    with suppress(httpx2.TransportError):
        sender.send(outcome.location or "")
        fate.at_the_end()
        outcome.file_id = ok(finish(client, outcome.location or ""), 201)["id"]
    return outcome


def go_on(client: httpx2.Client, outcome: Outcome) -> None:
    """Send the rest of what came in parts, and complete it."""
    assert outcome.location is not None
    answer = finish(client, outcome.location)
    if answer.status_code == 409:
        Sender(client, BytesIO(outcome.content), len(outcome.content), PART).send(outcome.location)
        answer = finish(client, outcome.location)
    assert answer.status_code in (200, 201), answer.text
    outcome.file_id = answer.json()["id"]
