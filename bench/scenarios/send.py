"""Durable send, closed loop: each pair has one message in flight. Every ack is checked against its delivery."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace

import uvloop

from bench.load import Pair, Verdict, close_pairs, connect_pairs, judge, settle
from bench.measure import Window, no_pauses, pinned
from bench.options import Options
from bench.results import Results, percentile
from bench.shapes import Target, ceiling, embedded, naive, stack

SCENARIO = "send"
PAIRS = (1, 16, 64, 256)
MAIN, TURNS = 64, 4
Start = Callable[[], AbstractContextManager[Target]]
COMPARED: tuple[Start, ...] = (naive, ceiling, lambda: ceiling(own_events=True), lambda: stack(1), embedded)
OTHERS: tuple[Start, ...] = (lambda: stack(1, gateway=True), lambda: stack(2, gateway=True))


@dataclass(frozen=True)
class Talk:
    """What pairs said to each other, and the time that counts."""

    pairs: list[Pair]
    window: Window
    begin: float
    end: float

    @property
    def count(self) -> int:
        """How many acks came in that time."""
        return sum(self.begin <= at < self.end for pair in self.pairs for _, at in pair.acks)

    def until_ack(self) -> Iterator[float]:
        """Seconds from sending to the ack, of what was sent and acked in that time."""
        return self._since_sent(lambda pair: pair.acks)

    def until_delivery(self) -> Iterator[float]:
        """Seconds from sending to the peer's event."""
        return self._since_sent(lambda pair: pair.deliveries)

    def _since_sent(self, arrivals: Callable[[Pair], Iterable[tuple[int, float]]]) -> Iterator[float]:
        for pair in self.pairs:
            for number, at in arrivals(pair):
                if self.begin <= pair.sent[number] and at < self.end:
                    yield at - pair.sent[number]


def run(results: Results, options: Options) -> None:
    """What is compared takes turns: a virtual machine is another one minutes later."""
    for starts in (COMPARED, *((start,) for start in OTHERS)):
        with ExitStack() as running:
            targets = [running.enter_context(start()) for start in starts]
            for count in (1, MAIN) if options.quick else PAIRS:
                measure(results, options, targets, count)


def measure(results: Results, options: Options, targets: Sequence[Target], count: int) -> None:
    """These shapes with so many pairs. Where the rows are from, the turns are of seconds: each has all of the machine's
    better and worse moments."""
    turns = TURNS if count == MAIN and len(targets) > 1 else 1
    each = replace(options, parts=turns)
    talks: dict[str, list[Talk]] = {target.name: [] for target in targets}
    for _ in range(turns):
        for target in targets:
            with pinned(target.app, on=options.pin and len(target.app) == 1):
                talk = uvloop.run(drive(target, count, each))
            keep_verdict(results, SCENARIO, target, uvloop.run(judge(talk.pairs, target)))
            talks[target.name].append(talk)
    for name, parts in talks.items():
        results.add(SCENARIO, name, f"{count} pairs" if count > 1 else "1 pair", **_figures(parts))


def keep_verdict(results: Results, scenario: str, target: Target, verdict: Verdict) -> None:
    """Count what was checked; anything but good is told whatever the figures say."""
    if not verdict.is_good:
        results.notes.append(f"{scenario}, {target.name}: {verdict}")
    results.count(acked=verdict.acked, lost=verdict.lost, doubled=verdict.doubled, not_stored=verdict.not_stored)


async def drive(target: Target, count: int, options: Options) -> Talk:
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
    return Talk(pairs, window, begin, end)


def _figures(parts: Sequence[Talk]) -> dict[str, float]:
    windows = [talk.window for talk in parts]
    seconds = sum(window.seconds for window in windows)
    took = [second for talk in parts for second in talk.until_ack()]
    delivered = [second for talk in parts for second in talk.until_delivery()]
    thousands = sum(talk.count for talk in parts) / 1000 or float("nan")
    spent = {role: sum(window.spent[role] for window in windows) for role in windows[0].spent}
    figures = {
        "acked/s": thousands * 1000 / seconds,
        "CPU s/1000": (spent["app"] + spent.get("database", 0)) / thousands,
        "app s/1000": spent["app"] / thousands,
        "ack p50 ms": percentile(took, 50) * 1000,
        "ack p99 ms": percentile(took, 99) * 1000,
        "delivery p50 ms": percentile(delivered, 50) * 1000,
        "delivery p99 ms": percentile(delivered, 99) * 1000,
        "client s/1000": sum(window.client for window in windows) / thousands,
        "others %": sum(window.foreign_share * window.seconds for window in windows) / seconds * 100,
    }
    if "gateway" in spent:
        figures["gateway s/1000"] = spent["gateway"] / thousands
    return figures
