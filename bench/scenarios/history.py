"""Reading and writing where there is much: 10,000 messages in one database, 1,000,000 in another, side by side."""

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from urllib.parse import quote

import uvloop

from bench.load import Pair, close_pairs, judge, settle
from bench.measure import no_pauses, pinned
from bench.options import Options
from bench.postgres import connected
from bench.results import Results, percentile
from bench.scenarios.latency import one_by_one
from bench.scenarios.send import keep_verdict
from bench.seed import COMMON, FRIEND, ME, MISSING, RARE, seed
from bench.shapes import Target, stack
from bench.web import Web

SCENARIO = "history"
MISSED = 1_000
FEW, MANY = 10_000, 1_000_000
ENOUGH_PEOPLE = 2_100


def run(results: Results, options: Options) -> None:
    """Both databases take turns with every question."""
    sizes = (1_000, FEW) if options.quick else (FEW, MANY)
    with ExitStack() as running:
        targets = [running.enter_context(stack(1, count=ENOUGH_PEOPLE)) for _ in sizes]
        for size, target in zip(sizes, targets, strict=True):
            started = time.perf_counter()
            uvloop.run(seed(str(target.dsn), size))
            results.add("seeding", target.name, f"{size:,} messages", seconds=time.perf_counter() - started)
        running.enter_context(pinned([pid for target in targets for pid in target.app], on=options.pin))
        uvloop.run(_compare(results, options, list(zip(sizes, targets, strict=True))))


async def _compare(results: Results, options: Options, sized: Sequence[tuple[int, Target]]) -> None:
    asked = [(size, target, await _questions(target, size)) for size, target in sized]
    for name in asked[0][2]:
        took: dict[int, list[float]] = {size: [] for size, _ in sized}
        count = (5 if options.quick else 40) // (4 if name.startswith("search") else 1)
        for _ in range(5):
            for size, target, questions in asked:
                async with Web(target.port, target.minter.token(ME)) as web:
                    took[size] += await _time(web, questions[name], count)
        _add(results, name, took)
    pairs = {size: Pair(ME, FRIEND) for size, _ in sized}
    for size, target in sized:
        await pairs[size].connect(target)
    with no_pauses():
        for _ in range(5):
            for pair in pairs.values():
                await one_by_one(pair, 10 if options.quick else 80)
    _add(results, "send", {size: [at - pair.sent[n] for n, at in pair.acks] for size, pair in pairs.items()})
    for size, target in sized:
        await settle([pairs[size]])
        await close_pairs([pairs[size]])
        keep_verdict(results, SCENARIO, target, await judge([pairs[size]], target))


def _add(results: Results, name: str, took: dict[int, list[float]]) -> None:
    for size, seconds in took.items():
        results.add(
            SCENARIO,
            name,
            f"{size:,} messages",
            **{"p50 ms": percentile(seconds, 50) * 1000, "p99 ms": percentile(seconds, 99) * 1000, "N": len(seconds)},
        )


Question = Callable[[Web], Awaitable[None]]


async def _questions(target: Target, size: int) -> dict[str, Question]:
    async with connected(target.dsn) as connection:
        head = await connection.fetchval("SELECT max(seq) FROM journal_events WHERE user_id = $1", ME)
        epoch = await connection.fetchval("SELECT epoch FROM journal_epoch")

    def page(path: str) -> Question:
        async def ask(web: Web) -> None:
            assert (await web.get(path)).status == 200

        return ask

    async def sync(web: Web) -> None:
        since = head - MISSED
        while since < head:
            answer = (await web.get(f"/api/sync?since={since}&epoch={epoch}&limit=500")).json()
            since = answer["events"][-1]["seq"]

    middle = size // 2
    return {
        "newest page": page(f"/api/messages/{FRIEND}?limit=50"),
        "page before the middle": page(f"/api/messages/{FRIEND}?limit=50&before={middle}"),
        "page around the middle": page(f"/api/messages/{FRIEND}?limit=50&around={middle}"),
        "sync of 1,000 events": sync,
        "conversations, first 50": page("/api/conversations?limit=50"),
        "search, common word": page(f"/api/search?q={quote(COMMON)}&limit=20"),
        "search, rare word": page(f"/api/search?q={quote(RARE)}&limit=20"),
        "search, no hit": page(f"/api/search?q={quote(MISSING)}&limit=20"),
    }


async def _time(web: Web, question: Question, count: int) -> list[float]:
    await question(web)
    took = []
    for _ in range(count):
        started = time.perf_counter()
        await question(web)
        took.append(time.perf_counter() - started)
    return took
