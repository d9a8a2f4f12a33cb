"""A small client of the tus protocol 1.0.0, over httpx2. It counts what it hands to the network."""

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, Any

import httpx2

from tests.api.calls import Json, ok
from tests.stack.people import Person

UPLOADS = "/api/files/uploads"
VERSION = {"Tus-Resumable": "1.0.0"}
CHUNK_TYPE = {"Content-Type": "application/offset+octet-stream"}
PIECE = 64 * 1024
BACK_OFF = 0.1
"""Seconds that a client waits after a break, as every client does. What had come is stored meanwhile; one that asks at
once is told an offset that moves on, and sends a part for nothing (409)."""


def metadata(name: str) -> str:
    """The name of a file as `Upload-Metadata` has it."""
    return f"filename {base64.b64encode(name.encode()).decode()}"


def creation(client: httpx2.Client, size: int | str, name: str | None = "a.bin", **headers: str) -> httpx2.Response:
    """Ask for an upload."""
    named = {} if name is None else {"Upload-Metadata": metadata(name)}
    return client.post(UPLOADS, headers={**VERSION, "Upload-Length": str(size), **named, **headers})


def create(client: httpx2.Client, size: int, name: str = "a.bin") -> str:
    """Begin an upload; the path where it goes."""
    answer = creation(client, size, name)
    ok(answer, 201)
    return answer.headers["Location"]


def look(client: httpx2.Client, location: str) -> httpx2.Response:
    """Ask how far it is."""
    return client.head(location, headers=VERSION)


def offset_of(client: httpx2.Client, location: str) -> int:
    """How many bytes are there."""
    answer = look(client, location)
    ok(answer)
    return int(answer.headers["Upload-Offset"])


def patch(client: httpx2.Client, location: str, offset: int, content: Any, **headers: str) -> httpx2.Response:
    """Add bytes at a place."""
    told = {**VERSION, **CHUNK_TYPE, "Upload-Offset": str(offset), **headers}
    return client.patch(location, headers=told, content=content)


def finish(client: httpx2.Client, location: str) -> httpx2.Response:
    """Ask for the file that it has become."""
    return client.post(f"{location}/file")


def upload_in_parts(person: Person, content: bytes, name: str = "a.bin", part: int = 1 << 20) -> Json:
    """A whole upload, as when nothing goes wrong."""
    location = create(person.client, len(content), name)
    for start in range(0, len(content), part):
        ok(patch(person.client, location, start, content[start : start + part]), 204)
    attachment: Json = ok(finish(person.client, location), 201)
    return attachment


class Sender:
    """Sends a file whatever happens to its connections: after each break it asks how far the server is."""

    def __init__(self, client: httpx2.Client, source: IO[bytes], size: int, part: int) -> None:
        self._client = client
        self._source = source
        self._size = size
        self._part = part
        self.handed_over = 0
        """Bytes of the file that went into a socket."""
        self.tries = 50
        """How often it asks again before it gives up."""
        self.breaks = 0
        self.conflicts = 0
        """How often what had been under way was still being stored, so that the offset had moved on."""
        self.on_piece: Callable[[int], None] = lambda _: None
        """Told before each piece how many bytes have been handed over."""

    def send(self, location: str) -> None:
        """Return when all bytes are there."""
        offset = self.resume(location)
        while offset < self._size:
            try:
                answer = patch(
                    self._client,
                    location,
                    offset,
                    self._pieces(offset),
                    **{"Content-Length": str(min(self._part, self._size - offset))},
                )
                if answer.status_code == 409:
                    self.conflicts += 1
                    offset = self.resume(location)
                    continue
                ok(answer, 204)
                offset = int(answer.headers["Upload-Offset"])
            except httpx2.TransportError:
                self.breaks += 1
                time.sleep(BACK_OFF)
                offset = self.resume(location)

    def resume(self, location: str) -> int:
        """Where the server wants to go on; asked again until it is reached."""
        for _ in range(self.tries):
            with suppress(httpx2.TransportError):
                return offset_of(self._client, location)
        return offset_of(self._client, location)

    def _pieces(self, offset: int) -> Iterator[bytes]:
        self._source.seek(offset)
        left = min(self._part, self._size - offset)
        while left:
            piece = self._source.read(min(PIECE, left))
            self.on_piece(self.handed_over)
            self.handed_over += len(piece)
            left -= len(piece)
            yield piece
