"""Accounts for load, straight into the database: registering is limited and hashes a password. Tokens are minted."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

from bench.postgres import connected
from shared.tokens import KeyRing, Tokens

COLUMNS = "id, username, username_key, email, email_key, display_name, sort_key, search_text, password_hash, revision"
ROW = (
    "i, 'person' || i, 'person' || i, 'person' || i || '@example.com', 'person' || i || '@example.com', "
    "'Person ' || i, 'person ' || i, 'person' || i || ' person ' || i, NULL, 1"
)
ON_POSTGRES = f"INSERT INTO users ({COLUMNS}, created_at) SELECT {ROW}, now() FROM generate_series($1::int, $2) i"  # noqa: S608
ON_SQLITE = f"""
WITH RECURSIVE numbers(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM numbers WHERE i < ?)
INSERT INTO users ({COLUMNS}, created_at) SELECT {ROW}, '2026-01-01 00:00:00.000000' FROM numbers
"""  # noqa: S608 -- the names are ours
DAY = 24 * 60 * 60


class Minter:
    """Access tokens of sessions that nobody has ended."""

    def __init__(self, secret: str) -> None:
        self._tokens = Tokens(KeyRing([secret]))
        self._minted: dict[int, str] = {}

    def token(self, user_id: int) -> str:
        """This person's token, the same every time."""
        if user_id not in self._minted:
            self._minted[user_id] = self._tokens.issue(user_id, uuid4(), DAY)
        return self._minted[user_id]


async def add_people_on_postgres(dsn: str, count: int) -> None:
    """People 1 … count, in an empty database."""
    async with connected(dsn) as connection:
        await connection.execute(ON_POSTGRES, 1, count)
        await connection.execute("SELECT setval('users_id_seq', $1::int)", count)
        await connection.execute("ANALYZE users")


def add_people_on_sqlite(path: Path, count: int) -> None:
    """People 1 … count, in an empty database that a server may have open."""
    with closing(sqlite3.connect(path, timeout=30)) as connection, connection:
        connection.execute(ON_SQLITE, (1, count))


async def count_on_postgres(dsn: str, client_ids: Iterable[str]) -> int:
    """How many of these messages are stored."""
    statement = "SELECT count(DISTINCT client_id) FROM messages WHERE client_id = ANY($1::uuid[])"
    async with connected(dsn) as connection:
        found: int = await connection.fetchval(statement, list(client_ids))
    return found


async def count_on_sqlite(path: Path, client_ids: Iterable[str]) -> int:
    """How many of these messages are stored."""
    ids = json.dumps([client_id.replace("-", "") for client_id in client_ids])
    statement = "SELECT count(DISTINCT client_id) FROM messages WHERE client_id IN (SELECT value FROM json_each(?))"
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        (found,) = connection.execute(statement, (ids,)).fetchone()
    return int(found)
