"""One way to the database. Every difference between SQLite and PostgreSQL lives in this file."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import (
    CTE,
    Connection,
    DateTime,
    Dialect,
    Executable,
    FromClause,
    Insert,
    MetaData,
    Row,
    Select,
    Table,
    TypeDecorator,
    Update,
    event,
    make_url,
    select,
    text,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn

from shared.clock import monotonic
from shared.rows import Rows

LOCK_TIMEOUT_MS = 2_000
STATEMENT_TIMEOUT_MS = 5_000
POOL_TIMEOUT_SECONDS = 2.0
PING_AFTER_SECONDS = 1.0
IDLE_SINCE = "idle since"


# SQLAlchemy 2.1 types a row by its columns; these are rows whose columns the caller names.
AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. SQLite forgets the zone on the way back; this puts it on again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


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
    """A pool of connections with two doors: `read()` and `transaction()`; narrower ones for what is one statement.

    Statements are SQLAlchemy Core. A failing database shows as SQLAlchemy's errors; `shared.errors` makes 503 of them.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self._engine = _create_engine(url, pool_size)
        self.is_sqlite = self._engine.dialect.name == "sqlite"
        self._unwrapped = (
            self._engine if self.is_sqlite else self._engine.execution_options(isolation_level="AUTOCOMMIT")
        )
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

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[AsyncConnection]:
        """`read()` for what is one statement: PostgreSQL does it in one round trip, and not in three."""
        async with self._unwrapped.connect() as connection:
            yield connection

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[AsyncConnection]:
        """`transaction()` for what is one statement on PostgreSQL, which is a transaction by itself."""
        async with self.transaction() if self.is_sqlite else self.glance() as connection:
            yield connection

    async def only(self, statement: Executable, values: Mapping[str, Any], *, reads: bool = False) -> Sequence[AnyRow]:
        """The rows of one statement, by `glance()` or `statement()`, with less ado around it."""
        if self.is_sqlite:
            async with self.glance() if reads else self.statement() as connection:
                return (await connection.execute(statement, values)).all()
        return await greenlet_spawn(self._only, statement, values)  # SQLAlchemy itself would make one for each step

    def _only(self, statement: Executable, values: Mapping[str, Any]) -> Sequence[AnyRow]:
        with self._unwrapped.sync_engine.connect() as connection:
            return connection.execute(statement, values).all()

    async def close(self) -> None:
        """Close the pool."""
        await self._engine.dispose()


def _create_engine(url: str, pool_size: int) -> AsyncEngine:
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_async_engine(url, pool_size=pool_size, pool_timeout=POOL_TIMEOUT_SECONDS, hide_parameters=True)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        skip_autocommit_rollback=True,
        hide_parameters=True,  # an error in the log must not hold what people wrote
        connect_args={
            "timeout": 3,
            "command_timeout": STATEMENT_TIMEOUT_MS / 1000 + 1,
            "server_settings": {
                "application_name": "communication",
                "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                "lock_timeout": str(LOCK_TIMEOUT_MS),
                "idle_in_transaction_session_timeout": "10000",
                # Disks with arms are gone: with the default of 4 PostgreSQL would rather read all of 20,000 rows than
                # look a few up.
                "random_page_cost": "1.1",
                # Nothing here is a report: planning and compiling anew would take longer than what is asked.
                "plan_cache_mode": "force_generic_plan",
                "jit": "off",
            },
        },
    )
    event.listen(engine.sync_engine, "checkin", _note_checkin)
    event.listen(engine.sync_engine, "checkout", partial(_check_idle, engine.dialect))
    return engine


def _note_checkin(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info[IDLE_SINCE] = monotonic()


def _check_idle(
    dialect: Dialect, connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """Ping what was idle for a while. SQLAlchemy's own check asks each time, with three round trips."""
    if monotonic() - record.info.get(IDLE_SINCE, monotonic()) < PING_AFTER_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error  # the pool makes another one


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    # The driver would begin transactions by its own rules; None leaves that to `_begin_sqlite`.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # an acked message survives a power cut
        f"busy_timeout={STATEMENT_TIMEOUT_MS}",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


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
    dialect: str, insertion: Insert, others: Callable[[FromClause], Sequence[Insert | Update]]
) -> tuple[Executable, ...]:
    """An insertion that returns its rows, and changes that refer to them; the first statement gives the ids.

    PostgreSQL makes them `together`, and shows the others what was inserted. SQLite shows them the whole table.
    """
    if dialect == "sqlite":
        return (insertion, *others(insertion.table))
    inserted = insertion.cte("inserted")
    return (select(inserted.c.id).add_cte(*_parts(others(inserted))),)


def _parts(statements: Sequence[Insert | Update]) -> list[CTE]:
    return [statement.cte(f"part_{number}") for number, statement in enumerate(statements)]


def upsert_from(dialect: str, model: type[Base], rows: Rows) -> Insert:
    """`upsert`, of rows that are given when it is executed; the statement can be kept."""
    source = rows.source(dialect)
    return upsert_select(dialect, model, rows.names, select(*(source.c[name] for name in rows.names)))


def upsert_select(dialect: str, model: type[Base], names: Sequence[str], rows: AnySelect) -> Insert:
    """`upsert`, of what is selected: columns of these names."""
    kind = sqlite if dialect == "sqlite" else postgresql
    # `WHERE true`: without it SQLite would read ON CONFLICT as a part of the SELECT.
    statement = kind.insert(_table(model)).from_select(names, rows.where(true()))
    keys = [column.name for column in _table(model).primary_key]
    changed = {name: statement.excluded[name] for name in names if name not in keys}
    complete: Insert = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    return complete


def locked(connection: AsyncConnection, statement: AnySelect) -> AnySelect:
    """The rows locked until the transaction ends. SQLite has locked the whole file already by then."""
    return statement if connection.dialect.name == "sqlite" else statement.with_for_update()


def locked_of(dialect: str, statement: AnySelect, model: type[Base]) -> AnySelect:
    """`locked`, but of a join only the rows of this table; the statement can be kept."""
    return statement if dialect == "sqlite" else statement.with_for_update(of=model)


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


def prepare_sqlite_folder(url: str) -> None:
    """Make the folder of an SQLite file, and the file itself readable by its owner alone."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return
    path = Path(parsed.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        sqlite3.connect(path).close()
