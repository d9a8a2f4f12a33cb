"""One message at a time: from send to ack, against one bare `INSERT` that asyncpg commits on the same server."""

import asyncio
import time
from uuid import uuid4

import uvloop

from bench.load import TEXT, Pair, close_pairs, connect_pairs, judge, settle
from bench.measure import no_pauses, pinned
from bench.options import Options
from bench.postgres import connected
from bench.results import Results, percentile
from bench.scenarios.send import keep_verdict
from bench.shapes import Target, stack

SCENARIO = "latency"
TABLE = (
    "CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, client_id uuid NOT NULL, sender_id bigint NOT NULL, "
    "receiver_id bigint NOT NULL, text text, created_at timestamptz NOT NULL DEFAULT now(), "
    "UNIQUE (sender_id, client_id))"
)
BARE = "bare INSERT … commit, asyncpg"
INSERT = "INSERT INTO bare (client_id, sender_id, receiver_id, text) VALUES ($1, 1, 2, $2)"
BLOCKS = 40
"""Short ones: a core of a shared machine may be half as fast for a tenth of a second."""


def run(results: Results, options: Options) -> None:
    """Blocks of both take turns, so that both see the same machine and the same disk."""
    with stack(1) as target, pinned(target.app, on=options.pin):
        took, bare, pairs = uvloop.run(_drive(target, 1 if options.quick else 100))
        keep_verdict(results, SCENARIO, target, uvloop.run(judge(pairs, target)))
        _add(results, BARE, bare)
        _add(results, target.name, took)


def _add(results: Results, shape: str, took: list[float]) -> None:
    figures = {f"p{percent} ms": percentile(took, percent) * 1000 for percent in (50, 99)}
    results.add(SCENARIO, shape, "1 pair", **figures, N=len(took))


async def _drive(target: Target, count: int) -> tuple[list[float], list[float], list[Pair]]:
    (pair,) = await connect_pairs(target, 1)
    bare: list[float] = []
    async with connected(target.dsn) as connection:
        await connection.execute(TABLE)
        insert = await connection.prepare(INSERT)
        with no_pauses():
            for _ in range(BLOCKS):
                for _ in range(count):
                    started = time.perf_counter()
                    await insert.fetch(uuid4(), TEXT)
                    bare.append(time.perf_counter() - started)
                await one_by_one(pair, count)
    await settle([pair])
    await close_pairs([pair])
    return [at - pair.sent[number] for number, at in pair.acks], bare, [pair]


async def one_by_one(pair: Pair, count: int) -> None:
    """Send so many messages, each after the ack of the one before."""
    done = asyncio.get_running_loop().create_future()
    last = len(pair.sent) + count

    def on_ack(pair: Pair) -> None:
        if len(pair.sent) < last:
            pair.send()
        elif not done.done():
            done.set_result(None)

    pair.on_ack = on_ack
    pair.send()
    await asyncio.wait_for(done, 120)
    pair.on_ack = None
