"""A ZIP archive as a stream: what is written comes out at once, so memory does not depend on its size."""

import io
import zipfile
from collections.abc import AsyncIterator, Iterable


class _Outlet(io.RawIOBase):
    """A file that cannot be sought, and gives away what was written to it."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data).cast("B")  # type: ignore[arg-type]  # a buffer, by the protocol of raw files
        self._waiting += view
        return len(view)

    def take(self) -> bytes:
        """What has been written since the last time."""
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken


class Archive:
    """Entries are written one after the other; each step yields the archive's next bytes."""

    def __init__(self) -> None:
        self._outlet = _Outlet()
        self._zip = zipfile.ZipFile(self._outlet, "w", zipfile.ZIP_DEFLATED)

    async def add(self, name: str, chunks: AsyncIterator[bytes], *, compressed: bool) -> AsyncIterator[bytes]:
        """One entry."""
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        with self._zip.open(entry, "w", force_zip64=True) as target:
            async for chunk in chunks:
                target.write(chunk)
                yield self._outlet.take()
        yield self._outlet.take()

    def finish(self) -> Iterable[bytes]:
        """The archive's end."""
        self._zip.close()
        yield self._outlet.take()
