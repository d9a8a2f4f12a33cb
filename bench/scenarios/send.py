"""Durable send, closed loop: each pair has one message in flight. Every ack is checked against its delivery."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

import uvloop

from bench.load import Pair, Verdict, close_pairs, connect_pairs, judge, settle
from bench.measure import Window, no_pauses, pinned
from bench.options import Options
from bench.results import Results, percentile
from bench.shapes import Target, ceiling, embedded, naive, stack

SCENARIO = "send"
PAIRS = (1, 16, 64, 256)
MAIN = 64
Start = Callable[[], AbstractContextManager[Target]]
COMPARED: tuple[Start, ...] = (naive, ceiling, lambda: ceiling(own_events=True), lambda: stack(1), embedded)
OTHERS: tuple[Start, ...] = (lambda: stack(1, gateway=True), lambda: stack(2, gateway=True))


def run(results: Results, options: Options) -> None:
    """Started anew for every run. What is compared takes turns: a virtual machine is another one minutes later."""
    for _ in range(options.runs):
        for starts in (COMPARED, *((start,) for start in OTHERS)):
            with ExitStack() as running:
                targets = [running.enter_context(start()) for start in starts]
                for count in (1, MAIN) if options.quick else PAIRS:
                    for target in targets:
                        measure(results, options, target, count)


def measure(results: Results, options: Options, target: Target, count: int) -> None:
    """One shape with so many pairs."""
    with pinned(target.app, on=options.pin and len(target.app) == 1):
        pairs, window = uvloop.run(drive(target, count, options))
    verdict = uvloop.run(judge(pairs, target))
    keep_verdict(results, SCENARIO, target, verdict)
    results.add(SCENARIO, target.name, f"{count} pairs" if count > 1 else "1 pair", **_figures(pairs, window))


def keep_verdict(results: Results, scenario: str, target: Target, verdict: Verdict) -> None:
    """Count what was checked; anything but good is told whatever the figures say."""
    if not verdict.is_good:
        results.notes.append(f"{scenario}, {target.name}: {verdict}")
    results.count(acked=verdict.acked, lost=verdict.lost, doubled=verdict.doubled, not_stored=verdict.not_stored)


async def drive(target: Target, count: int, options: Options) -> tuple[list[Pair], tuple[Window, float, float]]:
    """Talk for as long as the options say."""
    pairs = await connect_pairs(target, count)
    with no_pauses():
        for pair in pairs:
            pair.on_ack = Pair.send
            pair.send()
        await asyncio.sleep(options.warm_up)
        window, begin = Window.open(target.roots), time.perf_counter()
        await asyncio.sleep(options.seconds)
        end = time.perf_counter()
        window.close()
        for pair in pairs:
            pair.on_ack = None
        await settle(pairs, options.drain)
    await close_pairs(pairs)
    return pairs, (window, begin, end)


def _figures(pairs: list[Pair], measured: tuple[Window, float, float]) -> dict[str, float]:
    window, begin, end = measured
    count = sum(begin <= at < end for pair in pairs for _, at in pair.acks)
    took, delivered = [], []
    for pair in pairs:
        took += [at - pair.sent[number] for number, at in pair.acks if begin <= pair.sent[number] and at < end]
        delivered += [
            at - pair.sent[number] for number, at in pair.deliveries if begin <= pair.sent[number] and at < end
        ]
    thousands = count / 1000 or float("nan")
    figures = {
        "acked/s": count / window.seconds,
        "CPU s/1000": (window.spent["app"] + window.spent.get("database", 0)) / thousands,
        "app s/1000": window.spent["app"] / thousands,
        "ack p50 ms": percentile(took, 50) * 1000,
        "ack p99 ms": percentile(took, 99) * 1000,
        "delivery p50 ms": percentile(delivered, 50) * 1000,
        "delivery p99 ms": percentile(delivered, 99) * 1000,
        "client s/1000": window.client / thousands,
        "others %": window.foreign_share * 100,
    }
    if "gateway" in window.spent:
        figures["gateway s/1000"] = window.spent["gateway"] / thousands
    return figures
