"""Taking a close look at a file: its type by its content, its size and hash, and if it is an image, a harmless copy.

Everything here blocks and belongs in a thread. Images are decoded in a process of their own (see `decoder`), which is
killed when it takes too long and started again when it is needed: no image can take the service's memory or time.
"""

import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import structlog

from chat_service.errors import BadImage
from chat_service.files.sniffing import DECODED, SNIFF_BYTES, sniff

log = structlog.get_logger(__name__)

DECODE_SECONDS = 30.0
IDLE_SECONDS = 60.0
"""How long the decoder may wait for the next image before it gives its memory back."""
MAX_ANSWER_BYTES = 4096
CHECKOUT = Path(__file__).resolve().parents[2]

File = IO[bytes]


@dataclass(slots=True)
class Inspected:
    """A file as it will be served; its owner closes it."""

    content: File
    content_type: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    thumbnail: File | None = None

    def close(self) -> None:
        """Give up the bytes; a copy on disk goes with them."""
        self.content.close()
        if self.thumbnail is not None:
            self.thumbnail.close()


class Inspection:
    """One image at a time."""

    def __init__(self, decode_seconds: float = DECODE_SECONDS, idle_seconds: float = IDLE_SECONDS) -> None:
        self._decode_seconds = decode_seconds
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._idle: threading.Timer | None = None

    @property
    def decoder_pid(self) -> int | None:
        """The decoder's process, while there is one."""
        return self._process.pid if self._process is not None else None

    def inspect(self, source: File) -> Inspected:
        """Find out what a file is; `BadImage` if it begins like an image that cannot be decoded within bounds."""
        source.seek(0)
        content_type = sniff(source.read(SNIFF_BYTES))
        if content_type not in DECODED:
            return _measured(source, content_type)
        with self._lock:
            return self._decoded(source, content_type)

    def close(self) -> None:
        """End the decoder."""
        with self._lock:
            self._stop()

    def _decoded(self, source: File, content_type: str) -> Inspected:
        target, thumbnail = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 -- the caller closes them
        try:
            picture = self._ask(content_type, (source, target, thumbnail))
            if picture is None:
                raise BadImage
            served = target if picture["is_rewritten"] else source
            inspected = _measured(served, picture["content_type"])
        except BaseException:
            target.close()
            thumbnail.close()
            raise
        if served is source:
            target.close()
        inspected.width, inspected.height, inspected.thumbnail = picture["width"], picture["height"], thumbnail
        return inspected

    def _ask(self, content_type: str, files: tuple[File, ...]) -> dict[str, Any] | None:
        was_running = self._channel is not None
        try:
            picture = self._exchange(content_type, files)
        except (OSError, ValueError) as error:  # it took too long, or it died
            self._stop()
            if was_running and isinstance(error, ConnectionError):  # perhaps long before, and not of this image
                return self._ask(content_type, files)
            log.warning("an image could not be decoded", error=repr(error))
            raise BadImage from error
        self._idle = threading.Timer(self._idle_seconds, self.close)
        self._idle.daemon = True
        self._idle.start()
        return picture

    def _exchange(self, content_type: str, files: tuple[File, ...]) -> dict[str, Any] | None:
        channel = self._running()
        descriptors = [file.fileno() for file in files]
        offsets = [os.lseek(descriptor, 0, os.SEEK_CUR) for descriptor in descriptors]
        socket.send_fds(channel, [json.dumps(content_type).encode()], descriptors)
        picture: dict[str, Any] | None = json.loads(_read_line(channel))
        for descriptor, offset in zip(descriptors, offsets, strict=True):
            os.lseek(descriptor, offset, os.SEEK_SET)  # the other process moved it behind the back of our buffers
        return picture

    def _running(self) -> socket.socket:
        if self._idle is not None:
            self._idle.cancel()
        if self._channel is not None:
            return self._channel
        self._channel, other_end = socket.socketpair()
        with other_end:
            command = [sys.executable, "-m", "chat_service.files.decoder", str(other_end.fileno())]
            self._process = subprocess.Popen(  # noqa: S603 -- nothing of it comes from outside
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[other_end.fileno()],
                cwd=CHECKOUT,
                env={},  # no secret of ours
                start_new_session=True,  # it ends with us, not with the keys that end us
            )
        self._channel.settimeout(self._decode_seconds)
        return self._channel

    def _stop(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._channel = self._process = None


def _read_line(channel: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        part = channel.recv(MAX_ANSWER_BYTES)
        if not part:
            raise ConnectionResetError
        line += part
    return line


def _measured(source: File, content_type: str) -> Inspected:
    source.seek(0)
    digest = hashlib.file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type]  # every file that we open has readinto
    return Inspected(source, content_type, size=source.tell(), sha256=digest)
