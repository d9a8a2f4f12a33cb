"""Where bytes are kept: a local folder or an S3 bucket, through one code path (obstore)."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from shared.errors import Unavailable

log = structlog.get_logger(__name__)

CHUNK_BYTES = 256 * 1024
S3_PART_BYTES = 5 * 1024 * 1024  # S3 takes no smaller ones but the last
PARALLEL_PARTS = 1
PARALLEL_PUTS = 1
"""Large objects on their way to S3 at once; each holds some parts in memory."""
MAX_LOGGED = 300
CLOSE_SECONDS = 5
SIGNED_FOR = timedelta(seconds=60)
S3_READING = {"connect_timeout": "3s", "read_timeout": "10s", "timeout": "1h"}
"""A store that says nothing is given up after the second; whoever reads slowly has until the third."""
S3_WRITING = {**S3_READING, "read_timeout": "50s"}
"""Here the second begins with the request, and a part of 5 MiB must reach the store meanwhile."""
PUT_WAIT_SECONDS = 50
"""How long an upload waits for its turn; with the above, it is answered before the gateway gives it up."""
S3_RETRIES: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}


class Storage:
    """Objects by key. An object is there completely or not at all.

    `FileNotFoundError` for one that is not there; `Unavailable` when the store does not answer.
    """

    def __init__(self, store: ObjectStore, root: Path | None, *, writer: ObjectStore | None = None) -> None:
        self._store = store
        self._writer = writer or store
        self._root = root
        self._putting = asyncio.Semaphore(PARALLEL_PUTS)
        self._removals: set[asyncio.Task[None]] = set()

    async def put(self, key: str, source: IO[bytes]) -> None:
        """Store what `source` holds, on disk when this returns; memory use does not depend on its size."""
        source.seek(0)
        part = S3_PART_BYTES if self._root is None else CHUNK_BYTES
        try:
            async with asyncio.timeout(PUT_WAIT_SECONDS):
                await self._putting.acquire()
        except TimeoutError:
            raise Unavailable("Too many files are being stored. Please try again.") from None
        try:
            with _outages():
                await obstore.put_async(self._writer, key, source, chunk_size=part, max_concurrency=PARALLEL_PARTS)
        finally:
            self._putting.release()
        await self._flush(key)

    async def put_bytes(self, key: str, content: bytearray) -> None:
        """Store a few bytes, on disk when this returns."""
        with _outages():
            await obstore.put_async(self._writer, key, content)
        await self._flush(key)

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` to before `end`, in chunks."""
        if start == end:
            return
        with _outages():
            found = await obstore.get_async(self._store, key, options={"range": (start, end)})
            async for chunk in found.stream(CHUNK_BYTES):
                yield bytes(chunk)

    async def size(self, key: str) -> int:
        """How many bytes an object has."""
        with _outages():
            return int((await obstore.head_async(self._store, key))["size"])

    async def signed_url(self, key: str) -> str | None:
        """Where an object can be read without credentials for some seconds; None if it lies in a folder."""
        if self._root is not None:
            return None
        url: str = await obstore.sign_async(self._store, "GET", key, SIGNED_FOR)  # type: ignore[call-overload]  # it is S3
        return url

    async def delete(self, key: str) -> None:
        """Remove an object; one that is not there is fine."""
        with _outages(), suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key)

    def discard(self, keys: Iterable[str]) -> None:
        """Remove objects that nobody asks for any more, without waiting; what is left then, the sweeper takes."""
        task = asyncio.get_running_loop().create_task(self._remove(list(keys)))
        self._removals.add(task)
        task.add_done_callback(self._removals.discard)

    async def _remove(self, keys: list[str]) -> None:
        with suppress(Unavailable):  # it is in the log already
            for key in keys:
                await self.delete(key)

    async def close(self) -> None:
        """Finish removals."""
        if self._removals:
            await asyncio.wait(self._removals, timeout=CLOSE_SECONDS)

    async def keys(self) -> AsyncIterator[tuple[str, float]]:
        """Every key with the time it was written, in seconds since the epoch."""
        with _outages():
            async for batch in obstore.list(self._store):
                for item in batch:
                    yield item["path"], item["last_modified"].timestamp()

    async def remove_unfinished(self, before: float) -> None:
        """Remove what a crash left of objects that were being written; a bucket has rules of its own for that."""
        if self._root is not None:
            await asyncio.to_thread(_remove_unfinished, self._root, before)

    async def _flush(self, key: str) -> None:
        if self._root is not None:
            await asyncio.to_thread(_flush, self._root / key)


def open_storage(url: str) -> Storage:
    """The storage at `file:///folder` or `s3://bucket/prefix` (credentials by the usual AWS_* variables)."""
    if url.startswith("file://"):
        root = Path(urlsplit(url).path)
        root.mkdir(parents=True, exist_ok=True)
        return Storage(LocalStore(root, automatic_cleanup=True), root)
    # Whoever names an endpoint without TLS means it: one on this machine or this network.
    plain = {"allow_http": os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")}

    def client(options: dict[str, str]) -> S3Store:
        config: Any = {**options, **plain}
        return S3Store.from_url(url, client_options=config, retry_config=S3_RETRIES)

    return Storage(client(S3_READING), None, writer=client(S3_WRITING))


@contextmanager
def _outages() -> Iterator[None]:
    try:
        yield
    except BaseError as error:
        log.error("the store of files failed", error=str(error)[:MAX_LOGGED])
        raise Unavailable from error


def _remove_unfinished(root: Path, before: float) -> None:
    for path in root.rglob("*#*"):  # obstore writes KEY#1 and renames it, and does not list such names
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()


def _flush(path: Path) -> None:
    """Onto the disk, the file and its name: a row must never refer to bytes that a power cut takes back."""
    for target in (path, path.parent):
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
