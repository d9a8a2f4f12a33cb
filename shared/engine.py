"""How connections are made, and what each of them is told first, on SQLite and on PostgreSQL."""

import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from shared.clock import monotonic

LOCK_TIMEOUT_MS = 2_000
STATEMENT_TIMEOUT_MS = 5_000
POOL_TIMEOUT_SECONDS = 2.0
PING_AFTER_SECONDS = 1.0
IDLE_SINCE = "idle since"
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # an acked message survives a power cut
    f"busy_timeout={STATEMENT_TIMEOUT_MS}",
    "foreign_keys=ON",
)
POSTGRES_OPTIONS: dict[str, Any] = {
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
}


def create_engine(url: str, pool_size: int) -> AsyncEngine:
    """A pool of connections, which are made when they are needed."""
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
        connect_args=POSTGRES_OPTIONS,
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
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


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
