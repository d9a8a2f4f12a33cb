"""SQL of reading the journal."""

from collections.abc import Collection
from functools import cache
from uuid import UUID

from sqlalchemy import BigInteger, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.models import EpochRow, HeadRow
from shared.database import AnySelect
from shared.rows import Rows

PEOPLE = Rows("people", id=BigInteger())


async def read_starts(connection: AsyncConnection, users: Collection[int]) -> tuple[UUID, dict[int, int]]:
    """The journal's name, and the seq of each one's newest event, 0 when there is none. `users` is not empty."""
    parameters = PEOPLE.parameters(connection, [(user,) for user in users])
    rows = (await connection.execute(_starts(connection.dialect.name), parameters)).all()
    return rows[0].epoch, {row.id: row.seq for row in rows}


@cache
def _starts(dialect: str) -> AnySelect:
    people = PEOPLE.source(dialect)
    statement = select(EpochRow.epoch, people.c.id, func.coalesce(HeadRow.seq, 0).label("seq"))
    return statement.join_from(EpochRow, people, EpochRow.id == 1).outerjoin(HeadRow, HeadRow.user_id == people.c.id)
