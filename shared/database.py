"""One way to the database. Every difference between SQLite and PostgreSQL lives in this file."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Executable,
    FromClause,
    Insert,
    MetaData,
    Table,
    TypeDecorator,
    Update,
    func,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.selectable import ExecutableReturnsRows

from shared.direct import Direct, Line
from shared.engine import create_engine
from shared.rows import AnyRow, AnySelect, Rows

EVERYBODY = literal_column("0", BigInteger())
"""No person has this id."""
MAX_LOCKED = 512
"""Locks of all connections have room for some thousands. A transaction that needs more than this locks everybody."""
EVERYBODY_WITHIN = text("SET LOCAL lock_timeout = '200ms'")
"""Those who come meanwhile wait too, and for whom it waits may hang."""
LOCKED = Rows("locked", id=BigInteger())


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. SQLite forgets the zone on the way back; this puts it on again. PostgreSQL remembers."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.replace(tzinfo=UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        return super().bind_processor(dialect) if dialect.name == "sqlite" else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else None


class Base(DeclarativeBase):
    """Tables of all parts. Constraint names are fixed, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}


SNAPSHOT: Mapping[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""A message and the count that it is in must be of the same moment, or clients count it twice."""
PLAN_ANEW = text("SET LOCAL plan_cache_mode = force_custom_plan")


class Database:
    """A pool of connections with two doors, `read()` and `transaction()`, and `fetch()` for what is one statement.

    Statements are SQLAlchemy Core. A failing database shows as SQLAlchemy's errors; `shared.errors` makes 503 of them.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """`pool_size` is for all connections, of which PostgreSQL has three at least: one of them may be a `line`'s."""
        direct_size = 0 if url.startswith("sqlite") else max(2, pool_size // 2)
        self._engine = create_engine(url, max(1, pool_size - direct_size))
        self.dialect = self._engine.dialect
        self.is_sqlite = self.dialect.name == "sqlite"
        self._direct = Direct(self._engine.url, self.dialect, pool_size=direct_size)
        # SQLite has one writer at a time. Queueing here is fair and instant, its own busy handler polls.
        self._sqlite_writer = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one state of the database, however many statements ask; nothing is kept."""
        async with self._engine.connect() as connection:
            # On SQLite every transaction is so.
            yield connection if self.is_sqlite else await connection.execution_options(**SNAPSHOT)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A write transaction: committed on leaving, rolled back on any exception."""
        async with AsyncExitStack() as stack:
            if self.is_sqlite:
                await stack.enter_async_context(self._sqlite_writer)
            connection = await stack.enter_async_context(self._engine.connect())
            if self.is_sqlite:
                # Taking the write lock at once keeps a later write from failing on a stale snapshot.
                connection = await connection.execution_options(begin="IMMEDIATE")
            async with connection.begin():
                yield connection

    async def fetch(
        self,
        statement: ExecutableReturnsRows,
        values: Mapping[str, Any],
        *more: Executable,
        reads: bool = False,
        within: float | None = None,
    ) -> Sequence[AnyRow]:
        """The rows of one statement, which is made once and kept; it is a transaction by itself.

        What SQLite needs `more` for is of the same transaction, and is left undone if the first one gives no row.
        It is a TimeoutError, and unknown whether it was done, if that took longer than `within` seconds.
        """
        if not self.is_sqlite and within is None:  # nearly always; a timer takes longer than to begin the statement
            return await self._direct.fetch(statement, values)
        if not self.is_sqlite:
            async with asyncio.timeout(within):
                return await self._direct.fetch(statement, values)
        async with asyncio.timeout(within), self.read() if reads else self.transaction() as connection:
            rows = (await connection.execute(statement, values)).all()
            for other in more if rows else ():
                await connection.execute(other, values)
            return rows

    def line(self) -> "Line | Database":
        """For one who asks `fetch` all the time, one after the other: a connection is kept."""
        return self if self.is_sqlite else self._direct.line()

    async def close(self) -> None:
        """Close the pools."""
        await self._direct.close()
        await self._engine.dispose()


def upsert(connection: AsyncConnection, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> Executable:
    """One `INSERT … ON CONFLICT (primary key) DO UPDATE` for many rows, which all have the same keys."""
    table = _table(model)
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(list(rows))
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    complete: Executable = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    return complete


def together(dialect: str, statements: Sequence[Insert | Update]) -> tuple[Executable, ...]:
    """Changes of different tables that do not see each other: PostgreSQL makes them in one round trip."""
    if dialect == "sqlite":
        return tuple(statements)
    return (select(true()).add_cte(*_parts(statements)),)


def and_then(
    dialect: str, insertion: Insert, other: Callable[[FromClause], Insert]
) -> tuple[ExecutableReturnsRows, *tuple[Executable, ...]]:
    """An insertion that returns its rows, and another one that refers to them; the first statement gives the ids.

    PostgreSQL makes them `together`, and shows the other what was inserted. SQLite shows it the whole table.
    """
    if dialect == "sqlite":
        return insertion, other(insertion.table)
    inserted = insertion.cte("inserted")
    return (select(inserted.c.id).add_cte(*_parts([other(inserted)])),)


def _parts(statements: Sequence[Insert | Update]) -> list[CTE]:
    return [statement.cte(f"part_{number}") for number, statement in enumerate(statements)]


def upsert_from(dialect: str, model: type[Base], rows: Rows) -> Insert:
    """`upsert`, of rows that are given when it is executed; the statement can be kept."""
    source, names = rows.source(dialect), rows.names
    kind = sqlite if dialect == "sqlite" else postgresql
    # `WHERE true`: without it SQLite would read ON CONFLICT as a part of the SELECT.
    given = select(*(source.c[name] for name in names)).where(true())
    statement = kind.insert(_table(model)).from_select(names, given)
    keys = [column.name for column in _table(model).primary_key]
    changed = {name: statement.excluded[name] for name in names if name not in keys}
    complete: Insert = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    return complete


def locked(connection: AsyncConnection, statement: AnySelect) -> AnySelect:
    """The rows locked until the transaction ends. SQLite has locked the whole file already by then."""
    return statement if connection.dialect.name == "sqlite" else statement.with_for_update()


async def lock_people(connection: AsyncConnection, people: Collection[int]) -> None:
    """Keep others who lock any of these people waiting until the transaction ends (docs/adr/0023)."""
    if connection.dialect.name == "sqlite" or not people:
        return
    if len(people) > MAX_LOCKED:
        await connection.execute(EVERYBODY_WITHIN)
        await connection.execute(select(func.pg_advisory_xact_lock(EVERYBODY)))
    else:
        given = LOCKED.parameters(connection, [(user_id,) for user_id in sorted(people)])
        await connection.execute(_locking(), given)


@cache
def _locking() -> AnySelect:
    return select(are_locked("postgresql", LOCKED.source("postgresql").c.id))


def are_locked(dialect: str, *people: ColumnElement[int]) -> ColumnElement[bool]:
    """A condition of a statement, which is true as soon as it has locked these people, as `lock_people` does.

    Ascending columns, or one of ascending rows: transactions that lock in one order never deadlock. What else the
    statement reads is as it was before it had to wait.
    """
    if dialect == "sqlite":
        return true()
    locks = [func.pg_advisory_xact_lock(user_id).label(f"lock_{place}") for place, user_id in enumerate(people)]
    taken = select(func.pg_advisory_xact_lock_shared(EVERYBODY).label("shared"), *locks).cte("taken")
    # Counted, because EXISTS would be content with the first one.
    return select(func.count()).select_from(taken).scalar_subquery() != literal_column("0")


async def plan_for_values(connection: AsyncConnection) -> None:
    """For statements whose best way depends on what is asked: PostgreSQL plans them anew until the transaction ends."""
    if connection.dialect.name != "sqlite":
        await connection.execute(PLAN_ANEW)


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def escape_like(text: str) -> str:
    r"""Text as a literal part of a LIKE pattern with `ESCAPE '\'`."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
