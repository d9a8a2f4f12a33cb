"""What the disk does by itself: a virtual one stands still now and then, and all wait who must keep something."""

import os
import tempfile
import threading
import time
from types import TracebackType
from typing import Self

INTERVAL_SECONDS = 0.05
BLOCK = bytes(4096)


class Disk:
    """Keeps a block in a file twenty times a second, where the servers have their data too."""

    def __init__(self) -> None:
        self.longest = 0.0
        """Seconds of the slowest fdatasync(2)."""
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="disk")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        with tempfile.TemporaryFile(prefix="communication-disk-") as file:
            while not self._is_over.wait(INTERVAL_SECONDS):
                started = time.perf_counter()
                os.pwrite(file.fileno(), BLOCK, 0)
                os.fdatasync(file.fileno())
                self.longest = max(self.longest, time.perf_counter() - started)
