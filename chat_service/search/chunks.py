"""Chunks: successive messages of one conversation as one text, for PostgreSQL's index (docs/adr/0019).

Whoever changes a message that is in a chunk makes the chunk's text anew in the same transaction: what was deleted is
nowhere, and what was edited is found.
"""

from collections.abc import Iterable

from sqlalchemy import BigInteger, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.models import SearchProgressRow
from shared.database import locked

BLOCK = 2_048
"""So many ids of messages become chunks together; no chunk reaches over a multiple of it, whatever it was then."""
MESSAGES = 16
"""At most in a chunk: with more of them, too many chunks would have any given words, and most would be compressed."""

PROGRESS = select(SearchProgressRow.until_id)
ADD = text(
    """
    INSERT INTO search_chunks (first_id, last_id, low_id, high_id, text)
    SELECT min(id), max(id), low_id, high_id, string_agg(search_text, ' ' ORDER BY id)
    FROM (
        SELECT id, low_id, high_id, search_text,
               (row_number() OVER (PARTITION BY low_id, high_id ORDER BY id) - 1) / :messages AS part
        FROM messages WHERE id > :after AND id <= :until AND search_text IS NOT NULL
    ) AS numbered
    GROUP BY low_id, high_id, part
    """
)
RENEW = text(
    """
    UPDATE search_chunks AS chunk
    SET text = (
        SELECT coalesce(string_agg(search_text, ' ' ORDER BY id), '') FROM messages
        WHERE low_id = chunk.low_id AND high_id = chunk.high_id AND id BETWEEN chunk.first_id AND chunk.last_id
    )
    FROM messages AS changed
    WHERE changed.id = ANY (:ids)
      AND chunk.low_id = changed.low_id AND chunk.high_id = changed.high_id
      AND chunk.first_id BETWEEN (changed.id - 1) / :block * :block + 1 AND changed.id
      AND chunk.last_id >= changed.id
    """
).bindparams(bindparam("ids", type_=ARRAY(BigInteger)))


async def add_block(connection: AsyncConnection, settled_id: int) -> bool:
    """Make chunks of the next block, if all of it is settled: nobody will commit a message with an id up to there."""
    after = (await connection.execute(locked(connection, PROGRESS))).scalar_one()
    until = after + BLOCK
    if until > settled_id:
        return False
    await connection.execute(ADD, {"after": after, "until": until, "messages": MESSAGES})
    await connection.execute(update(SearchProgressRow).values(until_id=until))
    return True


async def renew(connection: AsyncConnection, message_ids: Iterable[int]) -> None:
    """Make the chunks of changed messages anew. Messages that are in none yet will join with their present text."""
    if connection.dialect.name == "sqlite":
        return
    # A block that is being added holds this row: its chunks are seen below, or our change is seen by it.
    until = (await connection.execute(PROGRESS.with_for_update(read=True))).scalar_one()
    ids = [id_ for id_ in message_ids if id_ <= until]
    if ids:
        await connection.execute(RENEW, {"ids": ids, "block": BLOCK})
