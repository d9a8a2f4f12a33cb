"""Connections of our own, past the product."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg


@asynccontextmanager
async def connected(dsn: str | None) -> AsyncIterator[Any]:
    """An asyncpg connection."""
    assert dsn is not None, "this shape has no PostgreSQL"
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()
