"""Limits on how often something may be done; slowapi is imported here alone.

slowapi's own decorator counts only after a body was parsed and validated, knows no Retry-After and blocks the loop
while it talks to Valkey (docs/adr/0005). So its `Limiter` gives the storage and the strategy, and services ask it
through this module before they do anything expensive.
"""

import asyncio
import math
import time

import structlog
from limits import RateLimitItem, parse
from slowapi import Limiter
from slowapi.util import get_remote_address

from shared.errors import TooMany

log = structlog.get_logger(__name__)

VALKEY_TIMEOUT_SECONDS = 0.2


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
        if not self._enabled:
            return
        item = parse(limit)
        if self._shared is not None:
            try:
                wait = await asyncio.to_thread(_hit, self._shared, item, key)
            except Exception as error:  # any storage failure must not open the door, nor close it
                log.warning("rate limits go on from memory", error=repr(error))
                wait = _hit(self._local, item, key)
        else:
            wait = _hit(self._local, item, key)
        if wait > 0:
            log.info("limit reached", limit=limit, scope=key[0])
            raise TooMany(retry_after=wait)


def _hit(limiter: Limiter, item: RateLimitItem, key: tuple[str, ...]) -> int:
    """0 when counted, else the whole seconds until there is room again."""
    if limiter.limiter.hit(item, *key):
        return 0
    reset = limiter.limiter.get_window_stats(item, *key).reset_time
    return max(1, math.ceil(reset - time.time()))
