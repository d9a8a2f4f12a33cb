"""Where bytes are kept: a local folder or an S3 bucket, through one code path (obstore)."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import obstore
from obstore.store import LocalStore, ObjectStore, S3Store

CHUNK_BYTES = 256 * 1024
SIGNED_FOR = timedelta(seconds=60)


class Storage:
    """Objects by key. An object is there completely or not at all."""

    def __init__(self, store: ObjectStore, root: Path | None) -> None:
        self._store = store
        self._root = root

    async def put(self, key: str, source: IO[bytes]) -> None:
        """Store what `source` holds, on disk when this returns; memory use does not depend on its size."""
        source.seek(0)
        await obstore.put_async(self._store, key, source, chunk_size=CHUNK_BYTES)
        if self._root is not None:
            await asyncio.to_thread(_flush, self._root / key)

    async def put_bytes(self, key: str, content: bytes) -> None:
        """Store a few bytes, on disk when this returns."""
        await obstore.put_async(self._store, key, content)
        if self._root is not None:
            await asyncio.to_thread(_flush, self._root / key)

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` to before `end`, in chunks."""
        for position in range(start, end, CHUNK_BYTES):
            stop = min(position + CHUNK_BYTES, end)
            yield bytes(await obstore.get_range_async(self._store, key, start=position, end=stop))

    async def size(self, key: str) -> int:
        """How many bytes an object has."""
        return int((await obstore.head_async(self._store, key))["size"])

    async def signed_url(self, key: str) -> str | None:
        """Where an object can be read without credentials for some seconds; None if it lies in a folder."""
        if self._root is not None:
            return None
        url: str = await obstore.sign_async(self._store, "GET", key, SIGNED_FOR)  # type: ignore[call-overload]  # it is S3
        return url

    async def delete(self, key: str) -> None:
        """Remove an object; one that is not there is fine."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return

    async def keys(self) -> AsyncIterator[tuple[str, float]]:
        """Every key with the time it was written, in seconds since the epoch."""
        async for batch in obstore.list(self._store):
            for item in batch:
                yield item["path"], item["last_modified"].timestamp()


def open_storage(url: str) -> Storage:
    """The storage at `file:///folder` or `s3://bucket/prefix` (credentials by the usual AWS_* variables)."""
    if url.startswith("file://"):
        root = Path(urlsplit(url).path)
        root.mkdir(parents=True, exist_ok=True)
        return Storage(LocalStore(root, automatic_cleanup=True), root)
    return Storage(S3Store.from_url(url), None)


def _flush(path: Path) -> None:
    """Onto the disk, the file and its name: a row must never refer to bytes that a power cut takes back."""
    for target in (path, path.parent):
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
