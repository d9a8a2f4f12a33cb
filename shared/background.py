"""Work that goes on beside requests, for as long as the service runs."""

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from shared.errors import is_outage

log = structlog.get_logger(__name__)

LOWEST_PRIORITY = 19
END_ATTEMPTS = 10
END_SECONDS = 0.3
Step = Callable[[], Awaitable[None]]


def give_way() -> None:
    """Make this thread the last that gets a core: for work that takes long and that nobody talks to meanwhile.

    Linux has a niceness per thread; elsewhere nothing changes.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)


async def end(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it is gone, for a bounded time.

    Once is not always enough: on Python 3.11 `asyncio.wait_for`, which libraries use, can swallow a cancellation.
    """
    for _ in range(END_ATTEMPTS):
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=END_SECONDS)
        if done:
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("failed at its end", work=task.get_name(), error=repr(error))
            return
    log.error("did not end", work=task.get_name())


class Repeating:
    """Runs `step` every so many seconds, and at once when woken, until it is stopped.

    A step that fails is logged and tried again in its turn: no error may end work that others rely on.
    """

    def __init__(self, name: str, step: Step, every: float) -> None:
        self._name = name
        self._step = step
        self._every = every
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Run the step as soon as possible; many calls before that are one."""
        self._woken.set()

    async def start(self) -> None:
        """Begin, with a step right away."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """End, in the middle of a step if need be."""
        if self._task is not None:
            await end(self._task)

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self._step()
            except Exception as error:
                if is_outage(error):
                    log.warning("will try again", work=self._name, error=repr(error))
                else:
                    log.exception("failed, will try again", work=self._name)
            with suppress(TimeoutError):
                # Not wait_for: on Python 3.11 it can swallow the cancellation of `stop`.
                async with asyncio.timeout(self._every):
                    await self._woken.wait()
