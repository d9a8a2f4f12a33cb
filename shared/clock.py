"""Time and randomness come from here, so that tests can put their own in."""

import io
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present time, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that never steps; for timers, never for stored times."""
    return time.monotonic()


def new_uuid() -> UUID:
    """A random UUID (version 4)."""
    return UUID(bytes=random_bytes(16), version=4)


POOL_BYTES = 1024


class Pool:
    """Random bytes from the system, which is asked for many at a time: a request needs some four times."""

    def __init__(self) -> None:
        self.clear()
        if hasattr(os, "register_at_fork"):  # else both processes would go on with the same bytes
            os.register_at_fork(after_in_child=self.clear)

    def clear(self) -> None:
        """Begin anew."""
        self._bytes = io.BytesIO()

    def take(self, count: int) -> bytes:
        """The next ones, at most `POOL_BYTES`. No byte is given out twice."""
        found = self._bytes.read(count)
        if len(found) < count:
            fresh = io.BytesIO(os.urandom(POOL_BYTES))
            found, self._bytes = fresh.read(count), fresh
        return found


random_bytes = Pool().take
"""Some bytes from the system's CSPRNG, for ids and nonces."""
