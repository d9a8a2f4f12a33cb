"""What the database itself says, past the service."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.harness.servers import DATABASE, Embedded, Stack


async def select(site: Embedded | Stack, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query that both databases understand."""
    if isinstance(site, Embedded):
        url = f"sqlite+aiosqlite:///{site.data_dir}/communication.sqlite3"
    else:
        url = site.postgres.url(DATABASE)
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(text(query), values)]
    finally:
        await engine.dispose()
