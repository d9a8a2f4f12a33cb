"""Single statements straight to PostgreSQL's driver, for what is asked all day (docs/adr/0018).

Around a query of a fraction of a millisecond SQLAlchemy does several times its work: it looks the statement up, makes a
connection, a context and a result, and a task or greenlet for each step. Here it gives the SQL, the types of values and
columns, the rows and the errors; what lies between is left out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy import URL, Dialect, Executable
from sqlalchemy.engine import result_tuple
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import ExecutableReturnsRows

from shared.engine import POOL_TIMEOUT_SECONDS, POSTGRES_OPTIONS
from shared.rows import AnyRow

MAX_STATEMENTS = 100
MAX_QUERIES = 1_000_000
"""After so many the driver's pool makes a new connection in place of one."""


class Direct:
    """Connections of asyncpg's own pool, made when they are needed."""

    def __init__(self, url: URL, dialect: Dialect, *, pool_size: int) -> None:
        _, self._target = dialect.create_connect_args(url)
        self._dialect = dialect
        self._pool_size = pool_size
        self._pool: asyncpg.Pool | None = None
        self._lines: list[Line] = []

    async def fetch(self, statement: ExecutableReturnsRows, values: Mapping[str, Any]) -> Sequence[AnyRow]:
        """What a statement gives, which is made once and kept; it is a transaction by itself.

        A failure shows as SQLAlchemy's errors, or as those of the network.
        """
        connection = await self._take()
        try:
            return await _fetch(connection, _prepared(statement, self._dialect), values)
        finally:
            await self._give_back(connection)

    def line(self) -> "Line":
        """A connection for one who asks all the time."""
        line = Line(self._dialect, self._take, self._give_back)
        self._lines.append(line)
        return line

    async def close(self) -> None:
        """Close the connections."""
        for line in self._lines:
            await line.close()
        if self._pool is not None:
            await self._pool.close()

    async def _take(self) -> asyncpg.Connection:
        pool = await self._open()
        try:
            async with asyncio.timeout(POOL_TIMEOUT_SECONDS):
                return await pool.acquire()
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:  # the server does not take us yet, or any more
            raise DBAPIError(None, None, error, connection_invalidated=True) from error

    async def _give_back(self, connection: asyncpg.Connection) -> None:
        assert self._pool is not None
        await self._pool.release(connection)

    async def _open(self) -> asyncpg.Pool:
        if self._pool is None:
            self._pool = asyncpg.create_pool(
                min_size=0,
                max_size=self._pool_size,
                max_queries=MAX_QUERIES,
                reset=_leave,
                **self._target,
                **POSTGRES_OPTIONS,
            )
        return await self._pool


class Line:
    """A connection that is kept between statements, which come one after the other."""

    def __init__(
        self,
        dialect: Dialect,
        take: Callable[[], Awaitable[asyncpg.Connection]],
        give_back: Callable[[asyncpg.Connection], Awaitable[None]],
    ) -> None:
        self.dialect = dialect
        self._take = take
        self._give_back = give_back
        self._connection: asyncpg.Connection | None = None

    async def fetch(
        self, statement: ExecutableReturnsRows, values: Mapping[str, Any], *_more: Executable
    ) -> Sequence[AnyRow]:
        """Like `Database.fetch`."""
        if self._connection is None or _is_lost(self._connection):
            await self.close()
            self._connection = await self._take()
        try:
            return await _fetch(self._connection, _prepared(statement, self.dialect), values)
        except BaseException:  # the pool knows what to do with a connection in whatever state
            await self.close()
            raise

    async def close(self) -> None:
        """Give the connection back; the next statement takes another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._give_back(connection)


async def _leave(_connection: object) -> None:
    """There is nothing to reset after a single statement; the driver would ask the server to."""


async def _fetch(connection: asyncpg.Connection, prepared: "Prepared", values: Mapping[str, Any]) -> Sequence[AnyRow]:
    try:
        return prepared.read(await connection.fetch(prepared.sql, *prepared.arguments(values)))
    except (TimeoutError, asyncio.CancelledError):
        connection.terminate()  # to ask a server that hangs to give up would take longer than the caller waits
        raise
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(prepared.sql, None, error, hide_parameters=True) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        # The last of these: the server has said goodbye, but the connection's end was not heard of yet.
        is_lost = isinstance(error, asyncpg.InternalClientError) or _is_lost(connection)
        raise DBAPIError(prepared.sql, None, error, hide_parameters=True, connection_invalidated=is_lost) from error


def _is_lost(connection: asyncpg.Connection) -> bool:
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:  # so much so that the pool has taken it back already
        return True


class Prepared:
    """SQL with its values in order, and what turns values and columns from and to Python."""

    def __init__(self, statement: ExecutableReturnsRows, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        self.sql = compiled.string
        self._constants = compiled.params
        self._writers = [
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or ()
        ]
        columns = statement.exported_columns
        self._readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._row = result_tuple(columns.keys())

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the SQL's parameters."""
        given = [values[name] if name in values else self._constants[name] for name, _ in self._writers]
        return [
            value if write is None else write(value) for value, (_, write) in zip(given, self._writers, strict=True)
        ]

    def read(self, records: Sequence[Sequence[Any]]) -> list[AnyRow]:
        """The rows as SQLAlchemy gives them."""
        return [
            self._row(value if read is None else read(value) for value, read in zip(record, self._readers, strict=True))
            for record in records
        ]


@lru_cache(maxsize=MAX_STATEMENTS)
def _prepared(statement: ExecutableReturnsRows, dialect: Dialect) -> Prepared:
    return Prepared(statement, dialect)
