"""Time and randomness come from here, so that tests can put their own in."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present time, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that never steps; for timers, never for stored times."""
    return time.monotonic()


def new_uuid() -> UUID:
    """A random UUID (version 4)."""
    return uuid4()


def random_bytes(count: int) -> bytes:
    """`count` bytes from the system's CSPRNG."""
    return secrets.token_bytes(count)
