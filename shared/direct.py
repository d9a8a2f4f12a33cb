"""Single statements straight to PostgreSQL's driver, for what is asked all day (docs/adr/0018).

Around a query of a fraction of a millisecond SQLAlchemy does several times its work: it looks the statement up, makes a
connection, a context and a result, and a task or greenlet for each step. Here it gives the SQL, the types of values and
columns, the rows and the errors; what lies between is left out.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy import URL, Dialect, Row
from sqlalchemy.engine import result_tuple
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import ExecutableReturnsRows

from shared.engine import POOL_TIMEOUT_SECONDS, POSTGRES_OPTIONS

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

    async def rows(self, statement: ExecutableReturnsRows, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """What a statement gives, which is made once and kept; it is a transaction by itself.

        A failure shows as SQLAlchemy's errors, or as those of the network.
        """
        prepared = _prepared(statement, self._dialect)
        arguments = prepared.arguments(values)
        pool = await self._open()
        async with asyncio.timeout(POOL_TIMEOUT_SECONDS):
            connection = await pool.acquire()
        try:
            return prepared.read(await connection.fetch(prepared.sql, *arguments))
        except asyncpg.IntegrityConstraintViolationError as error:
            raise IntegrityError(prepared.sql, None, error, hide_parameters=True) from error
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            is_lost = connection.is_closed()
            raise DBAPIError(prepared.sql, None, error, hide_parameters=True, connection_invalidated=is_lost) from error
        finally:
            await pool.release(connection)

    async def close(self) -> None:
        """Close the connections."""
        if self._pool is not None:
            await self._pool.close()

    async def _open(self) -> "asyncpg.Pool":
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


async def _leave(_connection: object) -> None:
    """There is nothing to reset after a single statement; the driver would ask the server to."""


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

    def read(self, records: Sequence[Sequence[Any]]) -> list[Row[Any]]:
        """The rows as SQLAlchemy gives them."""
        return [
            self._row(value if read is None else read(value) for value, read in zip(record, self._readers, strict=True))
            for record in records
        ]


@lru_cache(maxsize=MAX_STATEMENTS)
def _prepared(statement: ExecutableReturnsRows, dialect: Dialect) -> Prepared:
    return Prepared(statement, dialect)
