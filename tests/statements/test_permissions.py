"""A role of the database that may little: everything works, search without its index."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bench.postgres import connected
from chat_service.search import chunks
from chat_service.search.index import SearchIndex
from shared.database import Database
from tests.harness.postgres import USER, Postgres
from tests.harness.servers import migrate

PLAIN = "plain"
MESSAGE = """INSERT INTO messages (id, client_id, sender_id, receiver_id, low_id, high_id, search_text, created_at,
             revision) VALUES ({}, gen_random_uuid(), 1, 2, 1, 2, 'text', now(), 1)"""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    # Not in pytest's own folder, as in `test_statements`.
    folder = Path(tempfile.mkdtemp(prefix="communication-permissions-"))
    try:
        with Postgres(folder, fsync=False) as running:
            asyncio.run(_execute(running, "postgres", f"CREATE ROLE {PLAIN} LOGIN"))
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_plain(server: Postgres, database: str) -> str:
    return server.url(database).replace(f"{USER}@", f"{PLAIN}@")


async def _execute(server: Postgres, database: str, *statements: str) -> list[str]:
    async with connected(server.url(database, "postgresql")) as connection:
        for statement in statements:
            await connection.execute(statement)
        return [row["indexname"] for row in await connection.fetch("SELECT indexname FROM pg_indexes")]


def test_migrations_go_without_an_extension_that_is_not_allowed(server: Postgres, tmp_path: Path) -> None:
    server.create_database("strict")
    asyncio.run(_execute(server, "strict", f"GRANT CREATE ON SCHEMA public TO {PLAIN}"))
    migrate(as_plain(server, "strict"), tmp_path)
    indexes = asyncio.run(_execute(server, "strict"))
    assert "ix_messages_pair" in indexes
    assert "ix_search_chunks_text" not in indexes


async def test_an_index_of_another_role_is_left_to_postgresql(
    server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "BLOCK", 1)
    server.create_database("shared")
    await asyncio.to_thread(migrate, server.url("shared"), tmp_path)
    grant = f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {PLAIN}"
    assert "ix_search_chunks_text" in await _execute(server, "shared", grant, *(MESSAGE.format(id_) for id_ in (1, 2)))
    database = Database(as_plain(server, "shared"))
    index = SearchIndex(database)
    with capture_logs() as logs:
        await index.add()
        await index.add()
    await database.close()
    assert [line["log_level"] for line in logs] == ["warning"]
    async with connected(server.url("shared", "postgresql")) as connection:
        assert await connection.fetchval("SELECT count(*) FROM search_chunks") == 2
