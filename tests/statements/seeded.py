"""A database with so many rows that PostgreSQL prefers an index wherever there is one that helps."""

import asyncio
from pathlib import Path

from bench.people import add_people_on_postgres
from bench.postgres import connected
from bench.seed import CONTACTS, seed
from tests.harness.postgres import Postgres
from tests.harness.servers import migrate

MESSAGES, PEOPLE = 60_000, 20_000
MORE = (
    # Of other people than those of the long history.
    f"""INSERT INTO conversations (user_id, peer_id)
        SELECT {CONTACTS} + 2 + i % 8000, {CONTACTS} + 8002 + i % 8009 FROM generate_series(1, 40000) i
        ON CONFLICT DO NOTHING""",
    """INSERT INTO attachments (id, uploader_id, message_id, position, filename, content_type, size, sha256,
                                has_thumbnail, created_at)
       SELECT gen_random_uuid(), sender_id, id, 0, 'a.png', 'image/png', 1, '', true, created_at
       FROM messages WHERE id % 3 = 0""",
    """INSERT INTO reactions (message_id, user_id, emoji, created_at)
       SELECT id, receiver_id, '👍', created_at FROM messages WHERE id % 3 = 0""",
    f"""INSERT INTO sessions (id, user_id, generation, nonce, kid, current_hash, issued_at, created_at, last_used_at,
                             expires_at, ip, user_agent)
        SELECT gen_random_uuid(), 1 + i % {PEOPLE}, 0, '', 'kid', '', now(), now(), now(), now() + interval '1 day',
               '', '' FROM generate_series(1, 40000) i""",
    "VACUUM ANALYZE",
)


def fill(postgres: Postgres, folder: Path, name: str) -> str:
    """A new database of that name; the URL for the product."""
    postgres.create_database(name)
    migrate(postgres.url(name), folder)
    asyncio.run(_fill(postgres.url(name, "postgresql")))
    return postgres.url(name)


async def _fill(dsn: str) -> None:
    await add_people_on_postgres(dsn, PEOPLE)
    await seed(dsn, MESSAGES)
    async with connected(dsn) as connection:
        for statement in MORE:
            await connection.execute(statement)
