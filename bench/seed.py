"""`python -m bench.seed DSN COUNT`: a long history in one go, as the journal would have written it.

Person 1 has CONTACTS conversations. Half of the messages are with person 2, the others are spread evenly over all. The
last few messages of each are unread. PostgreSQL only.
"""

import asyncio
import sys

from bench.postgres import connected
from chat_service.search.index import SearchIndex
from shared.database import Database

CONTACTS = 2_000
ME, FRIEND = 1, 2
COMMON, RARE, MISSING = "зустріч", "астролябія", "нісенітниця"
"""Words to look for: in every eighth message, in one of 100,000, in none."""

# Who the i-th message is with, and which way it went.
PEERS = f"""
CREATE TEMP TABLE seeded ON COMMIT DROP AS
SELECT i AS id, peer, CASE WHEN i % 3 = 0 THEN peer ELSE {ME} END AS sender,
       row_number() OVER (PARTITION BY peer ORDER BY i) AS seq
FROM (SELECT i, CASE WHEN i % 2 = 0 THEN {FRIEND} ELSE 2 + (i / 2) % {CONTACTS} END AS peer
      FROM generate_series(1, $1::bigint) i) numbers
"""  # noqa: S608 -- the numbers are ours
WORDS = """
CREATE TEMP TABLE words ON COMMIT DROP AS
SELECT ARRAY['привіт', 'сьогодні', 'завтра', 'побачимось', 'на вокзалі', 'hello', 'see you', 'дякую', 'гарного дня',
             'коли зручно', 'передай', 'фото', 'meeting', 'обід', 'кава', 'будь ласка', 'запізнююсь'] AS list
"""
MESSAGES = f"""
INSERT INTO messages (id, client_id, sender_id, receiver_id, low_id, high_id, text, search_text, created_at, revision)
SELECT id, md5('message ' || id)::uuid, sender, CASE WHEN sender = {ME} THEN peer ELSE {ME} END, {ME}, peer,
       said, said, now() - make_interval(secs => ($1 - id) * 10), 1
FROM (SELECT seeded.*, concat_ws(' ', list[1 + id % 17], list[1 + id * 7 % 17], list[1 + id * 5 % 17],
             CASE WHEN id % 8 = 0 THEN '{COMMON}' END, CASE WHEN id % 100000 = 5 THEN '{RARE}' END, 'n' || id) AS said
      FROM seeded, words) texts
"""  # noqa: S608
EVENTS = f"""
INSERT INTO journal_events (user_id, seq, type, message_id)
SELECT {ME}, id, 'message.created', id FROM seeded
UNION ALL SELECT peer, seq, 'message.created', id FROM seeded
"""  # noqa: S608
CONVERSATIONS = f"""
INSERT INTO conversations (user_id, peer_id, read_id, delivered_id)
SELECT {ME}, peer, max(id) - 6, max(id) FROM seeded GROUP BY peer
UNION ALL SELECT peer, {ME}, max(id) - 6, max(id) FROM seeded GROUP BY peer
"""  # noqa: S608
TABLES = ("messages", "journal_events", "conversations", "search_chunks")


async def seed(dsn: str, count: int) -> None:
    """Fill an empty database, in which people 1 … CONTACTS + 1 have accounts."""
    async with connected(dsn) as connection:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute("SET work_mem = '256MB'")
        await connection.execute("SET maintenance_work_mem = '256MB'")
        async with connection.transaction():
            await connection.execute(PEERS, count)
            await connection.execute(WORDS)
            await connection.execute(MESSAGES, count)
            for statement in (EVENTS, CONVERSATIONS):
                await connection.execute(statement)
            await connection.execute("SELECT setval('messages_id_seq', $1::bigint)", count)
    await _add_to_search(dsn)
    async with connected(dsn) as connection:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute(f"VACUUM ANALYZE {', '.join(TABLES)}")
        await connection.execute("CHECKPOINT")


async def _add_to_search(dsn: str) -> None:
    """As the service would, some seconds later."""
    database = Database(dsn.replace("postgresql://", "postgresql+asyncpg://"))
    index = SearchIndex(database)
    for _ in range(2):  # what is seen the first time is added the second time
        await index.add()
    await database.close()


if __name__ == "__main__":
    asyncio.run(seed(sys.argv[1], int(sys.argv[2])))
