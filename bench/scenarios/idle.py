"""Sockets that are open and say nothing: what each costs in memory, in the application and in the gateway."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import uvloop

from bench.client import Socket
from bench.measure import Window, private_bytes, resident_bytes
from bench.options import Options
from bench.results import Results
from bench.shapes import Target, bare, ceiling, stack

SCENARIO = "idle sockets"
SIZES = (500, 2_000, 10_000)
AT_ONCE = 64
WARM_UP = 100
KIB = 1024
QUIET_SECONDS = 35  # a heartbeat and a ping for everybody
SHAPES: tuple[Callable[[], AbstractContextManager[Target]], ...] = (
    bare,
    ceiling,
    lambda: stack(1),
    lambda: stack(1, gateway=True),
)


def run(results: Results, options: Options) -> None:
    """The sizes one after the other, in the same processes."""
    for start in SHAPES:
        with start() as target:
            uvloop.run(_grow(results, options, target))


async def _grow(results: Results, options: Options, target: Target) -> None:
    warm = await open_sockets(target, range(1, WARM_UP + 1))
    for socket in warm:
        socket.cut()
    await asyncio.sleep(1)
    before = _memory(target)
    sockets: list[Socket] = []
    for size in (50, 200) if options.quick else SIZES:
        started = time.perf_counter()
        sockets += await open_sockets(target, range(len(sockets) + 1, size + 1))
        took = time.perf_counter() - started
        window = Window.open(target.roots)
        await asyncio.sleep(QUIET_SECONDS if size == SIZES[-1] else 3)
        window.close()
        figures = {f"{name} KiB each": (now - before[name]) / size / KIB for name, now in _memory(target).items()}
        results.add(
            SCENARIO,
            target.name,
            f"{size:,}",
            **figures,
            **{
                "dropped": sum(socket.ended for socket in sockets),
                "idle CPU %": (window.spent["app"] + window.spent.get("gateway", 0)) / window.seconds * 100,
                "seconds to open": took,
            },
        )
    for socket in sockets:
        socket.cut()
    await asyncio.sleep(1)


def _memory(target: Target) -> dict[str, int]:
    figures = {"app": sum(private_bytes(pid) for pid in target.app)}
    if "gateway" in target.roots:
        figures["gateway"] = resident_bytes(target.roots["gateway"])
    return figures


async def open_sockets(target: Target, user_ids: range) -> list[Socket]:
    """A socket for each person."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def open_one(user_id: int) -> Socket:
        async with limit:
            return await Socket.connect_patiently(target.port, target.minter.token(user_id))

    return list(await asyncio.gather(*map(open_one, user_ids)))
