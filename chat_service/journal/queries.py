"""SQL of reading the journal."""

from collections.abc import Collection, Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, SQLColumnExpression, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.models import EpochRow, EventRow
from shared.database import Database
from shared.rows import AnyRow, AnySelect, Rows

PEOPLE = Rows("people", id=BigInteger())
ZERO = literal_column("0", BigInteger())


Starts = tuple[UUID, dict[int, int]]
"""The journal's name, and the seq of each one's newest event, 0 when there is none."""


async def read_starts(connection: AsyncConnection, users: Collection[int]) -> Starts:
    """As the connection sees them. `users` is not empty."""
    given = PEOPLE.parameters(connection, [(user,) for user in users])
    return _to_starts((await connection.execute(_starts(connection.dialect.name), given)).all())


async def read_present_starts(database: Database, users: Collection[int]) -> Starts:
    """As they are right now. `users` is not empty."""
    given = PEOPLE.parameters(database, [(user,) for user in users])
    return _to_starts(await database.fetch(_starts(database.dialect.name), given, reads=True))


def _to_starts(rows: Sequence[AnyRow]) -> Starts:
    return rows[0].epoch, {row.id: row.seq for row in rows}


@cache
def _starts(dialect: str) -> AnySelect:
    people = PEOPLE.source(dialect)
    return select(EpochRow.epoch, people.c.id, head_of(people.c.id).label("seq")).join_from(
        EpochRow, people, EpochRow.id == 1
    )


def head_of(user_id: SQLColumnExpression[int]) -> ColumnElement[int]:
    """The seq of a person's newest event, 0 when there is none."""
    newest = select(func.max(EventRow.seq)).where(EventRow.user_id == user_id).scalar_subquery()
    return func.coalesce(newest, ZERO)
