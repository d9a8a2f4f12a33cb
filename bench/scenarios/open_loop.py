"""Open loop: messages come when people write them, whether or not the server keeps up. Intervals are exponential."""

import asyncio
import random
import time

import uvloop

from bench.disk import Disk
from bench.load import Pair, close_pairs, connect_pairs, judge, settle
from bench.measure import Window, no_pauses, pinned
from bench.options import Options
from bench.results import Results, percentile
from bench.scenarios.send import MAIN, keep_verdict
from bench.shapes import Target, embedded, naive, stack

SCENARIO = "open loop"
RATES = (100, 200, 1_000)
STALL_SECONDS = 0.05
LONGER = 2.5
"""Than other loads are measured: the slowest of a hundred must be many enough."""
SEED = 20261123


def run(results: Results, options: Options) -> None:
    """Every rate in every shape."""
    for start in (naive, lambda: stack(1), embedded):
        with start() as target, pinned(target.app, on=options.pin):
            for rate in RATES:
                pairs, window, disk = uvloop.run(_drive(target, rate, options, random.Random(SEED + options.number)))  # noqa: S311
                keep_verdict(results, SCENARIO, target, uvloop.run(judge(pairs, target)))
                _add(results, target, rate, pairs, window, disk)


async def _drive(target: Target, rate: int, options: Options, chance: random.Random) -> tuple[list[Pair], Window, Disk]:
    pairs = await connect_pairs(target, MAIN)
    await _write(pairs, rate, options.warm_up, chance)
    await settle(pairs)
    for pair in pairs:  # the first ones warmed up caches and statements
        pair.forget()
    with no_pauses(), Disk() as disk:
        window = Window.open(target.roots)
        await _write(pairs, rate, options.seconds * LONGER, chance)
        await settle(pairs)
        window.close()
    await close_pairs(pairs)
    return pairs, window, disk


async def _write(pairs: list[Pair], rate: int, seconds: float, chance: random.Random) -> None:
    due = time.perf_counter()
    end = due + seconds
    while due < end:
        late = time.perf_counter() - due
        if late < 0:
            await asyncio.sleep(-late)
        chance.choice(pairs).send()
        due += chance.expovariate(rate)


def _add(results: Results, target: Target, rate: int, pairs: list[Pair], window: Window, disk: Disk) -> None:
    took = [at - pair.sent[number] for pair in pairs for number, at in pair.deliveries]
    median = percentile(took, 50)
    results.add(
        SCENARIO,
        target.name,
        f"{rate:,}/s",
        **{
            "delivery p50 ms": median * 1000,
            "p99 ms": percentile(took, 99) * 1000,
            "p99 / p50": percentile(took, 99) / median,
            "max ms": max(took) * 1000,
            "over 50 ms": sum(each > STALL_SECONDS for each in took),
            "disk max ms": disk.longest * 1000,
            "N": len(took),
            "others %": window.foreign_share * 100,
        },
    )
