"""Statements straight to the driver have what SQLAlchemy's own way has: its errors, and connections that are good."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Float, Integer, Text, bindparam, cast, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.clock import monotonic
from shared.database import Database, UtcDateTime
from shared.direct import MAX_IDLE_SECONDS, Line
from shared.errors import is_outage
from tests.harness.postgres import Postgres

ECHO = select(bindparam("moment", type_=UtcDateTime()).label("moment"))
SLEEP = select(func.pg_sleep(bindparam("seconds", type_=Float())).label("slept"))
NUMBER = select(cast(bindparam("digits", type_=Text()), Integer).label("number"))
AGAIN = text("INSERT INTO taken VALUES (1) RETURNING id").columns(id=Integer)
PID = text("SELECT pg_backend_pid() AS pid").columns(pid=Integer)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    # Not in pytest's own folder, as in `test_statements`.
    folder = Path(tempfile.mkdtemp(prefix="communication-direct-"))
    try:
        with Postgres(folder, fsync=False) as running:
            running.create_database("direct")
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def database(server: Postgres) -> AsyncIterator[Database]:
    found = Database(server.url("direct"), pool_size=1)
    yield found
    await found.close()


async def _is_well(database: Database) -> bool:
    return [row.moment for row in await database.fetch(ECHO, {"moment": NOON})] == [NOON]


async def test_rows_have_names_and_types(database: Database) -> None:
    assert await _is_well(database)


async def test_an_error_is_sqlalchemys_and_leaves_the_connection_good(database: Database) -> None:
    with pytest.raises(DBAPIError, match="invalid input syntax") as caught:
        await database.fetch(NUMBER, {"digits": "none"})
    assert not is_outage(caught.value)
    assert await _is_well(database)


async def test_a_transaction_afterwards_is_one(database: Database) -> None:
    assert await _is_well(database)
    async with database.transaction() as connection:
        await connection.execute(text("CREATE TEMPORARY TABLE kept (id int) ON COMMIT DROP"))
        await connection.execute(text("SELECT * FROM kept"))  # were each statement by itself, it would be gone


async def test_a_cancelled_statement_answers_nobody_else(database: Database) -> None:
    asking = asyncio.create_task(database.fetch(SLEEP, {"seconds": 3.0}))
    await asyncio.wait([asking], timeout=0.3)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await _is_well(database)


@pytest.mark.parametrize("keeps", [False, True])
async def test_nobody_waits_for_a_server_that_hangs(database: Database, server: Postgres, keeps: bool) -> None:
    asks = database.line() if keeps else database
    (pid,) = [row.pid for row in await asks.fetch(PID, {})]
    processes = [server.process.pid, pid]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        asking = asyncio.create_task(asks.fetch(ECHO, {"moment": NOON}))
        await asyncio.wait([asking], timeout=0.3)
        asking.cancel()
        done, _ = await asyncio.wait([asking], timeout=3)  # the driver itself would wait for twice as long
        assert done
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)
    assert await _is_well(database)


async def test_a_server_that_hangs_has_so_much_time(database: Database, server: Postgres) -> None:
    line = database.line()
    processes = [server.process.pid, await _pid(line)]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        asked_at = monotonic()
        with pytest.raises(DBAPIError) as caught:
            await line.fetch(ECHO, {"moment": NOON}, within=0.3)
        assert is_outage(caught.value)
        assert 0.3 <= monotonic() - asked_at < 2
        with pytest.raises(TimeoutError):  # nobody lets a new connection in
            await line.fetch(ECHO, {"moment": NOON}, within=0.3)
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)
    assert await _is_well(database)
    assert [row.moment for row in await line.fetch(ECHO, {"moment": NOON})] == [NOON]


@pytest.mark.parametrize("keeps", [False, True])
async def test_a_restarted_server_is_found_at_once(database: Database, server: Postgres, keeps: bool) -> None:
    asks = database.line() if keeps else database
    for _ in range(2):
        assert [row.moment for row in await asks.fetch(ECHO, {"moment": NOON})] == [NOON]
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
    assert [row.moment for row in await asks.fetch(ECHO, {"moment": NOON})] == [NOON]


@pytest.mark.parametrize("keeps", [False, True])
async def test_a_server_that_dies_meanwhile_is_an_outage(database: Database, server: Postgres, keeps: bool) -> None:
    asks = database.line() if keeps else database
    asking = asyncio.create_task(asks.fetch(SLEEP, {"seconds": 5.0}))
    await asyncio.wait([asking], timeout=0.3)
    await asyncio.to_thread(server.kill)
    starting = asyncio.create_task(asyncio.to_thread(server.start))
    with pytest.raises(Exception, match=r".") as caught:
        await asking
    assert is_outage(caught.value)
    troubles = []
    while not starting.done():  # it is starting up
        troubles += [await asyncio.gather(asks.fetch(ECHO, {"moment": NOON}), return_exceptions=True)]
        await asyncio.sleep(0.01)
    await starting
    assert all(is_outage(trouble) for (trouble,) in troubles if isinstance(trouble, Exception)), troubles
    assert await _is_well(database)


async def test_a_server_that_is_away_is_an_outage(database: Database, server: Postgres) -> None:
    await asyncio.to_thread(server.stop)
    try:
        with pytest.raises(Exception, match=r".") as caught:
            await database.fetch(ECHO, {"moment": NOON})
        assert is_outage(caught.value)
    finally:
        await asyncio.to_thread(server.start)
    assert await _is_well(database)


async def test_a_row_that_is_there_already_is_an_integrity_error(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("CREATE TABLE taken (id int PRIMARY KEY)"))
        await connection.execute(text("INSERT INTO taken VALUES (1)"))
    with pytest.raises(IntegrityError):
        await database.fetch(AGAIN, {})
    assert await _is_well(database)


@pytest.mark.parametrize("keeps", [False, True])
async def test_a_statement_ends_when_its_time_is_over(database: Database, keeps: bool) -> None:
    asks = database.line() if keeps else database
    asking = asyncio.create_task(asks.fetch(SLEEP, {"seconds": 5.0}, within=0.2))
    done, _ = await asyncio.wait([asking], timeout=3)
    assert done
    assert is_outage(asking.exception() or ValueError())
    assert [row.moment for row in await asks.fetch(ECHO, {"moment": NOON})] == [NOON]


async def _pid(database: Database | Line) -> int:
    (row,) = await database.fetch(PID, {})
    return int(row.pid)


async def test_a_connection_is_kept_until_it_was_idle_for_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await _pid(database)
    assert await _pid(database) == first
    now = monotonic()
    monkeypatch.setattr("shared.direct.monotonic", lambda: now + MAX_IDLE_SECONDS + 1)
    second = await _pid(database)
    assert second != first
    assert await _pid(database) == second


async def test_connections_are_bounded_and_a_line_has_its_own(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = database.line()  # which leaves one connection for all others
    asking = asyncio.create_task(database.fetch(SLEEP, {"seconds": 1.0}))
    await asyncio.wait([asking], timeout=0.3)
    assert [row.moment for row in await line.fetch(ECHO, {"moment": NOON})] == [NOON]
    assert not asking.done()
    waiting = [asyncio.create_task(_pid(database)) for _ in range(5)]
    assert len({await one for one in waiting}) == 1
    monkeypatch.setattr("shared.direct.POOL_TIMEOUT_SECONDS", 0.2)
    asking = asyncio.create_task(database.fetch(SLEEP, {"seconds": 1.0}))
    await asyncio.wait([asking], timeout=0.1)
    with pytest.raises(TimeoutError) as caught:
        await _pid(database)
    assert is_outage(caught.value)
    await asking
    assert await _is_well(database)
