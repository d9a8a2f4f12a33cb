"""Background work survives its own errors."""

import asyncio
from contextlib import suppress

from shared.background import Repeating, end


async def test_an_error_does_not_end_the_work() -> None:
    runs = 0
    third = asyncio.Event()

    async def step() -> None:
        nonlocal runs
        runs += 1
        await asyncio.sleep(0)
        work.wake()
        if runs == 3:
            third.set()
        raise ValueError if runs == 1 else ConnectionRefusedError

    work = Repeating("test", step, every=3600)
    await work.start()
    await asyncio.wait_for(third.wait(), 5)
    await work.stop()


async def test_a_swallowed_cancellation_does_not_hold_up_the_end() -> None:
    async def stubborn() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)
        await asyncio.sleep(3600)

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await asyncio.wait_for(end(task), 5)
    assert task.done()


async def test_waking_runs_the_step_at_once() -> None:
    ran = asyncio.Event()

    async def step() -> None:
        ran.set()

    work = Repeating("test", step, every=3600)
    await work.start()
    await asyncio.wait_for(ran.wait(), 5)
    ran.clear()
    work.wake()
    await asyncio.wait_for(ran.wait(), 5)
    await work.stop()
