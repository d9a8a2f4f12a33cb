"""Limits on how often something may be done; slowapi is imported here alone.

slowapi's own decorator counts only after a body was parsed and validated, knows no Retry-After and blocks the loop
while it talks to Valkey (docs/adr/0005). So its `Limiter` gives the storage and the strategy, and services ask it
through this module before they do anything expensive.
"""

import asyncio
import functools
import math
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from limits import parse
from limits.storage import Storage
from slowapi import Limiter
from slowapi.util import get_remote_address

from shared.errors import TooMany

audit = structlog.get_logger("audit")

Answer = TypeVar("Answer")

VALKEY_TIMEOUT_SECONDS = 0.2
FREE_FAILURES = 4
FIRST_WAIT_SECONDS = 30
LONGEST_WAIT_SECONDS = 15 * 60
REMEMBER_FAILURES_SECONDS = 60 * 60


def backoff_seconds(failures: int) -> int:
    """How long to wait after so many failures in a row: nothing, then 30 s, doubling up to 15 minutes."""
    if failures <= FREE_FAILURES:
        return 0
    doublings = min(failures - FREE_FAILURES - 1, 16)
    return min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS << doublings)


def _limiter(storage_uri: str, options: dict[str, str]) -> Limiter:
    # A moving window: a fixed one lets through twice the limit around its edge.
    return Limiter(
        key_func=get_remote_address, storage_uri=storage_uri, storage_options=options, strategy="moving-window"
    )


class RateLimits:
    """Counts in Valkey when there are several processes, in memory when alone or while Valkey is down."""

    def __init__(self, *, enabled: bool, redis_url: str | None) -> None:
        self._enabled = enabled
        self._local = _limiter("memory://", {})
        self._shared: Limiter | None = None
        if redis_url is not None:
            timeout: dict[str, object] = {
                "socket_timeout": VALKEY_TIMEOUT_SECONDS,
                "socket_connect_timeout": VALKEY_TIMEOUT_SECONDS,
            }
            self._shared = _limiter(redis_url, timeout)  # type: ignore[arg-type]  # slowapi types them as str

    async def hit(self, limit: str, *key: str) -> None:
        """Count one try against e.g. "10/5minutes" for this key; over the limit raises `TooMany`."""
        _refuse(await self._ask(lambda limiter: _hit(limiter, limit, key), 0), key)

    async def admit(self, *tries: tuple[str, ...]) -> bool:
        """`hit` with each of these limits and keys, and raise `TooMany` too while the last key has to wait after its
        failures. All in one: a question costs more by the thread that asks it than by what is asked. The answer is
        whether there are failures to `forgive`.
        """

        def look(limiter: Limiter) -> tuple[int, tuple[str, ...], bool]:
            key: tuple[str, ...] = ()
            for limit, *parts in tries:
                key = tuple(parts)
                if wait := _hit(limiter, limit, key):
                    return wait, key, False
            storage, waiting = _storage(limiter), _name("wait", key)
            wait = _seconds_until(storage.get_expiry(waiting)) if storage.get(waiting) else 0
            return wait, key, storage.get(_name("failures", key)) > 0

        nothing: tuple[int, tuple[str, ...], bool] = (0, (), False)
        wait, key, has_failed = await self._ask(look, nothing)
        _refuse(wait, key)
        return has_failed

    async def count_failure(self, *key: str) -> None:
        """One more failure in a row: from the fifth on, the key has to wait."""

        def count(limiter: Limiter) -> None:
            storage = _storage(limiter)
            wait = backoff_seconds(storage.incr(_name("failures", key), REMEMBER_FAILURES_SECONDS))
            if wait:
                storage.incr(_name("wait", key), wait)

        await self._ask(count, None)

    async def forgive(self, *key: str) -> None:
        """It succeeded: the failures are forgotten."""
        await self._ask(lambda limiter: _storage(limiter).clear(_name("failures", key)), None)

    async def _ask(self, question: Callable[[Limiter], Answer], when_off: Answer) -> Answer:
        if not self._enabled:
            return when_off
        if self._shared is not None:
            try:
                return await asyncio.to_thread(question, self._shared)
            except Exception as error:  # a storage that is down must neither open the door nor close it
                audit.warning("limits go on from memory", error=repr(error))
        return question(self._local)


def _refuse(wait: int, key: tuple[str, ...]) -> None:
    if wait > 0:
        audit.warning("limit reached", limit=key[0], retry_after=wait)
        raise TooMany(retry_after=wait)


_parsed = functools.cache(parse)  # a handful of texts, each of them in the code


def _hit(limiter: Limiter, limit: str, key: tuple[str, ...]) -> int:
    item = _parsed(limit)
    if limiter.limiter.hit(item, *key):
        return 0
    return _seconds_until(limiter.limiter.get_window_stats(item, *key).reset_time)


def _storage(limiter: Limiter) -> Storage:
    storage: Storage = limiter.limiter.storage
    return storage


def _name(kind: str, key: tuple[str, ...]) -> str:
    return "/".join(("communication", kind, *key))


def _seconds_until(moment: float) -> int:
    return max(1, math.ceil(moment - time.time()))
