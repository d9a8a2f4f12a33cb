"""Background work survives its own errors."""

import asyncio

from shared.background import Repeating


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
