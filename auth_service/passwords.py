"""Hashing and judging passwords; passlib is imported here alone (argon2id only, see docs/adr/0004)."""

import asyncio
import functools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from passlib.context import CryptContext

from shared.background import give_way
from shared.errors import Unavailable

T = TypeVar("T")

MIN_CHARACTERS = 8
MAX_BYTES = 1024
MAX_WAITING = 64
COMMON_PASSWORDS = Path(__file__).parent / "data" / "common_passwords.txt"


@functools.cache
def common_passwords() -> frozenset[str]:
    """The most common passwords of at least eight characters, casefolded."""
    return frozenset(COMMON_PASSWORDS.read_text(encoding="utf-8").split("\n")) - {""}


def is_too_common(password: str) -> bool:
    """Whether a guesser would try this among the first few thousand."""
    return password.casefold() in common_passwords()


class Passwords:
    """Argon2id at OWASP's 19 MiB, two passes, one lane; in threads, because one hash takes some 20 ms.

    The threads have the lowest priority and leave one core free, so that nobody who talks notices people who sign in
    (`bench/logins.py`). The queue is bounded: beyond `max_waiting`, logins are shed with 503, and everything else goes
    on undisturbed.
    """

    def __init__(self, *, threads: int | None = None, max_waiting: int = MAX_WAITING) -> None:
        self._context = CryptContext(
            schemes=["argon2"],
            argon2__type="ID",
            argon2__memory_cost=19_456,
            argon2__time_cost=2,
            argon2__parallelism=1,
        )
        self._threads = ThreadPoolExecutor(threads or max(1, (os.cpu_count() or 1) - 1), "argon2", initializer=give_way)
        self._max_waiting = max_waiting
        self._waiting = 0
        self._context.dummy_verify()  # makes the dummy hash now, not at the first unknown name

    async def hash(self, password: str) -> str:
        """A new hash. The password is at most `MAX_BYTES` long."""
        return await self._run(lambda: str(self._context.hash(password)))

    async def verify(self, password: str, hashed: str | None) -> tuple[bool, str | None]:
        """Whether it matches, and a new hash if the old one has outdated parameters.

        Without a hash (an unknown or deleted account) it takes the same time and does not match.
        """
        if hashed is None:
            await self._run(self._context.dummy_verify)
            return False, None
        return await self._run(functools.partial(self._verify, password, hashed))

    def _verify(self, password: str, hashed: str) -> tuple[bool, str | None]:
        try:
            matches, better_hash = self._context.verify_and_update(password, hashed)
        except ValueError:  # all of passlib's: an unknown or malformed hash, a password out of bounds
            return False, None
        return matches, better_hash

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._max_waiting:
            raise Unavailable("Too many people are signing in right now. Please try again.", retry_after=1)
        self._waiting += 1
        try:
            return await asyncio.wrap_future(self._threads.submit(work))
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)
