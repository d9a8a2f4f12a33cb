"""Background work survives its own errors."""

import asyncio
import threading
from contextlib import suppress
from functools import partial

from shared.background import Repeating, Threads, end


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


async def test_threads_give_results_and_errors() -> None:
    threads = Threads("test", 2)
    works = [threads.run(partial(divmod, 7, divisor)) for divisor in (2, 0, 3)]
    results = await asyncio.gather(*works, return_exceptions=True)
    assert results[0] == (3, 1)
    assert isinstance(results[1], ZeroDivisionError)
    assert results[2] == (2, 1)
    threads.close()


async def test_what_is_cancelled_before_its_turn_is_not_begun() -> None:
    threads, began, go_on, ran = Threads("test", 1), threading.Event(), threading.Event(), list[str]()

    def hold() -> None:
        began.set()
        go_on.wait(5)

    holding = threads.run(hold)
    given_up, waiting = threads.run(partial(ran.append, "given up")), threads.run(partial(ran.append, "waiting"))
    await asyncio.to_thread(began.wait, 5)
    given_up.cancel()
    holding.cancel()  # goes on, and its result is nobody's
    go_on.set()
    await asyncio.wait_for(waiting, 5)
    assert ran == ["waiting"]
    threads.close()


async def test_closed_threads_end_and_leave_what_waits() -> None:
    threads, began, go_on = Threads("test to close", 2), threading.Barrier(3), threading.Event()

    def hold() -> None:
        began.wait(5)
        go_on.wait(5)

    holding, waiting = [threads.run(hold) for _ in range(2)], threads.run(lambda: None)
    await asyncio.to_thread(began.wait, 5)
    own = [thread for thread in threading.enumerate() if thread.name == "test to close"]
    threads.close()
    go_on.set()
    await asyncio.wait_for(asyncio.gather(*holding), 5)
    assert waiting.cancelled()
    for thread in own:
        await asyncio.to_thread(thread.join, 5)
        assert not thread.is_alive()


def test_a_loop_that_is_closed_does_not_end_the_threads() -> None:
    threads, go_on = Threads("test", 1), threading.Event()

    async def leave() -> None:
        threads.run(partial(go_on.wait, 5))

    async def come_back() -> int:
        return await asyncio.wait_for(threads.run(lambda: 1), 5)

    asyncio.run(leave())
    go_on.set()
    assert asyncio.run(come_back()) == 1
    threads.close()
