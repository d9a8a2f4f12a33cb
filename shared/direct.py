"""Single statements straight to PostgreSQL's driver, for what is asked all day (docs/adr/0018).

Around a query of a fraction of a millisecond SQLAlchemy does several times its work: it looks the statement up, makes a
connection, a context and a result, and a task or greenlet for each step. Here it gives the SQL, the types of values and
columns, the rows and the errors; what lies between is left out.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement
from sqlalchemy import URL, Dialect, Executable
from sqlalchemy.engine import result_tuple
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import ExecutableReturnsRows

from shared.clock import monotonic
from shared.engine import POOL_TIMEOUT_SECONDS, POSTGRES_OPTIONS
from shared.rows import AnyRow

OPTIONS = {**POSTGRES_OPTIONS, "command_timeout": None}
"""Statements have an `Alarm` instead."""
STATEMENT_SECONDS: float = POSTGRES_OPTIONS["command_timeout"]
MAX_STATEMENTS = 100
MAX_IDLE_SECONDS = 300.0
"""What was not used for longer may have been forgotten by a firewall on the way."""
CUTS = asyncpg.InternalClientError, asyncpg.InvalidCachedStatementError
"""The server has said goodbye, which was not heard of yet; or tables are no longer what statements were made for."""


class Alarm:
    """Rings when something takes too long. There is one timer for many things that are done one after the other.

    To set one for each statement, and to cancel it, takes a twentieth of a lone message's time.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._deadline: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = 0.0

    def begin(self, now: float, seconds: float) -> None:
        """Ring in so many seconds."""
        self._deadline = now + seconds
        # It may be overdue: when its loop has ended.
        if self._timer is None or not now <= self._looks_at <= self._deadline:
            self.close()
            self._look_in(now, seconds)

    def end(self) -> None:
        """It was done in time."""
        self._deadline = None

    def close(self) -> None:
        """Never ring again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_in(self, now: float, seconds: float) -> None:
        self._looks_at = now + seconds
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        now = monotonic()
        if self._deadline is None:
            return
        if self._deadline > now:
            self._look_in(now, self._deadline - now)
        else:
            self._ring()


class Line:
    """A connection for one who asks one thing after the other: made when it is needed, and again when it is lost."""

    def __init__(self, url: URL, dialect: Dialect) -> None:
        _, self._target = dialect.create_connect_args(url)
        self.dialect = dialect
        self._connection: asyncpg.Connection | None = None
        self._ready: dict[str, PreparedStatement] = {}
        """Statements of the connection. asyncpg's own cache takes as long again as to send one."""
        self._used_at = 0.0
        self._alarm = Alarm(self._cut)

    async def fetch(
        self,
        statement: ExecutableReturnsRows,
        values: Mapping[str, Any],
        *_more: Executable,
        within: float | None = None,
    ) -> Sequence[AnyRow]:
        """What a statement gives, which is made once and kept; it is a transaction by itself.

        A failure shows as SQLAlchemy's errors, or as those of the network. After `within` seconds, or those that every
        statement has (`engine.py`), the connection is cut, and it is unknown whether the statement was carried out.
        """
        prepared, asked_at = _prepared(statement, self.dialect), monotonic()
        seconds = within or STATEMENT_SECONDS
        self._alarm.begin(asked_at, seconds)
        try:
            ready = self._ready.get(prepared.sql) if self._is_good(asked_at) else None
            if ready is None:
                ready = await self._make_ready(prepared.sql, asked_at, seconds)
            return prepared.read(await ready.fetch(*prepared.arguments(values)))
        except (TimeoutError, asyncio.CancelledError):
            self._cut()
            raise
        except asyncpg.IntegrityConstraintViolationError as error:
            raise IntegrityError(prepared.sql, None, error, hide_parameters=True) from error
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
            if isinstance(error, CUTS):
                self._cut()
            is_lost = self._connection is None or self._connection.is_closed()
            raise DBAPIError(prepared.sql, None, error, hide_parameters=True, connection_invalidated=is_lost) from error
        finally:
            self._alarm.end()
            self._used_at = monotonic()

    def _is_good(self, now: float) -> bool:
        connection = self._connection
        return connection is not None and not connection.is_closed() and now - self._used_at <= MAX_IDLE_SECONDS

    async def _make_ready(self, sql: str, now: float, seconds: float) -> PreparedStatement:
        if not self._is_good(now):
            self._cut()
            async with asyncio.timeout(min(POOL_TIMEOUT_SECONDS, seconds / 2)):  # the rest is for the statement
                self._connection = await asyncpg.connect(**self._target, **OPTIONS)
        assert self._connection is not None
        ready = self._ready[sql] = await self._connection.prepare(sql)
        return ready

    def _cut(self) -> None:
        # To ask a server that hangs to give up would take longer than the caller waits.
        if self._connection is not None:
            self._connection.terminate()
        self._connection, self._ready = None, {}

    async def close(self) -> None:
        """Say goodbye."""
        self._alarm.close()
        if self._connection is not None:
            await self._connection.close(timeout=POOL_TIMEOUT_SECONDS)


class Direct:
    """Lines for statements that come and go."""

    def __init__(self, url: URL, dialect: Dialect, *, pool_size: int) -> None:
        self._lines = [Line(url, dialect) for _ in range(pool_size)]
        self._idle = self._lines.copy()
        self._size = pool_size
        self._turns = asyncio.Semaphore(pool_size)

    def line(self) -> Line:
        """One of them, for somebody who asks all the time and waits for nobody; taken before anything is asked."""
        self._size -= 1
        self._turns = asyncio.Semaphore(self._size)
        return self._idle.pop()

    async def fetch(self, statement: ExecutableReturnsRows, values: Mapping[str, Any]) -> Sequence[AnyRow]:
        """As a line does; the one that was used last is taken."""
        await self._wait_for_turn()
        line = self._idle.pop()
        try:
            return await line.fetch(statement, values)
        finally:
            self._idle.append(line)
            self._turns.release()

    async def _wait_for_turn(self) -> None:
        if self._turns.locked():
            async with asyncio.timeout(POOL_TIMEOUT_SECONDS):
                await self._turns.acquire()
        else:
            await self._turns.acquire()

    async def close(self) -> None:
        """Close the connections, when what is being asked is answered; nothing can be asked any more."""
        for _ in range(self._size):
            await self._turns.acquire()
        for line in self._lines:
            await line.close()


class Prepared:
    """SQL with its values in order, and what turns values and columns from and to Python."""

    def __init__(self, statement: ExecutableReturnsRows, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        self.sql = compiled.string
        self._constants = compiled.params
        self._names = compiled.positiontup or []
        writers = [compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in self._names]
        self._writers = [(place, write) for place, write in enumerate(writers) if write is not None]
        columns = statement.exported_columns
        self._readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._reads_plain = not any(self._readers)
        self._row = result_tuple(columns.keys())

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the SQL's parameters."""
        given = {**self._constants, **values}
        arguments = [given[name] for name in self._names]
        for place, write in self._writers:
            arguments[place] = write(arguments[place])
        return arguments

    def read(self, records: Sequence[Sequence[Any]]) -> list[AnyRow]:
        """The rows as SQLAlchemy gives them."""
        if self._reads_plain:
            return [self._row(record) for record in records]
        return [
            self._row(value if read is None else read(value) for value, read in zip(record, self._readers, strict=True))
            for record in records
        ]


@lru_cache(maxsize=MAX_STATEMENTS)
def _prepared(statement: ExecutableReturnsRows, dialect: Dialect) -> Prepared:
    return Prepared(statement, dialect)
