"""People are locked before anything of theirs is changed, in one order, and nobody else waits for that."""

import asyncio
from collections.abc import Sequence
from unittest.mock import patch

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chat_service.journal.journal import MAX_BATCH, Journal
from shared import database as database_module
from shared.database import MAX_LOCKED, Database, lock_people
from shared.errors import is_outage
from shared.rows import AnyRow
from tests.statements.sends import alone_or_not, hello

WAITING = text("SELECT pid, objid::bigint AS person FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
HELD = text(
    "SELECT array_agg(objid::bigint ORDER BY objid) AS people FROM pg_locks"
    " WHERE locktype = 'advisory' AND granted AND pid = :pid"
)
on_postgres = pytest.mark.parametrize("make_url", ["postgresql"], indirect=True, scope="module")
"""SQLite has one writer, and locks nobody."""


@alone_or_not
@pytest.mark.parametrize("at_most", [MAX_LOCKED, 0], ids=["each", "everybody"])
async def test_who_is_locked_is_waited_for(journal: Journal, database: Database, at_most: int, count: int) -> None:
    with patch.object(database_module, "MAX_LOCKED", at_most):
        async with database.transaction() as connection:
            await lock_people(connection, [2])
            sent = asyncio.gather(*(journal.submit(hello()) for _ in range(count)))
            assert not (await asyncio.wait([sent], timeout=0.3))[0]
    assert all(one.created for one in await sent)


@on_postgres
@pytest.mark.parametrize("sends", [[(3, 1)], [(3, 1), (2, 3)]], ids=["alone", "not alone"])
@pytest.mark.parametrize("is_known", [True, False])
async def test_people_are_locked_in_one_order(
    journal: Journal, database: Database, sends: list[tuple[int, int]], is_known: bool
) -> None:
    if is_known:  # the short way
        for pair in sends:
            await journal.submit(hello(*pair))
    last = max(max(pair) for pair in sends)
    async with database.transaction() as connection:
        await lock_people(connection, [last])
        sent = asyncio.gather(*(journal.submit(hello(*pair)) for pair in sends))
        waiting: Sequence[AnyRow] = []
        async with asyncio.timeout(5):
            while not waiting:
                waiting = (await connection.execute(WAITING)).all()
        assert [row.person for row in waiting] == [last]
        (held,) = (await connection.execute(HELD, {"pid": waiting[0].pid})).all()
        assert held.people == sorted({0, *(one for pair in sends for one in pair)} - {last})
    await sent


@on_postgres
async def test_who_would_lock_everybody_does_not_wait_for_long(database: Database) -> None:
    async with database.transaction() as connection:
        await lock_people(connection, [1])
        with patch.object(database_module, "MAX_LOCKED", 0), pytest.raises(DBAPIError) as refused:
            async with asyncio.timeout(1), database.transaction() as another:
                await lock_people(another, [2])
    assert is_outage(refused.value)  # later it works


@on_postgres
async def test_nobody_waits_for_others_who_are_locked(journal: Journal, database: Database) -> None:
    async with database.transaction() as connection:
        await lock_people(connection, [3])
        for count in (1, 3):
            await asyncio.wait_for(asyncio.gather(*(journal.submit(hello()) for _ in range(count))), 2)


def test_a_batch_is_never_locked_with_everybody() -> None:
    assert 2 * MAX_BATCH <= MAX_LOCKED
