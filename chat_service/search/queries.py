"""SQL of search."""

import re

from sqlalchemy import CTE, ColumnElement, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from chat_service.messages.queries import between
from chat_service.models import MessageRow, SearchChunkRow
from chat_service.search.chunks import BLOCK, PROGRESS
from shared.database import escape_like, plan_for_values
from shared.rows import AnySelect

HAS_TRIGRAM = re.compile(r"[^\W_]{3}")
FIRST_BLOCKS = 16
WIDER = 8
"""So many blocks of chunks are looked through first, and so many times more after each time."""


async def find_messages(
    connection: AsyncConnection, user_id: int, words: list[str], peer_id: int | None, before: int | None, limit: int
) -> list[int]:
    """Ids of my messages that contain all words, newest first. Deleted ones have no text to be found by."""
    dialect = connection.dialect.name
    words_in = _contain(dialect, MessageRow.search_text, words)
    newest_first = select(MessageRow.id).where(words_in).order_by(MessageRow.id.desc()).limit(limit)
    if before is not None:
        newest_first = newest_first.where(MessageRow.id < before)
    mine = newest_first.where(_mine(dialect, user_id) if peer_id is None else between(user_id, peer_id))
    if dialect == "sqlite":
        return list((await connection.execute(mine)).scalars())

    await plan_for_values(connection)
    # Without a trigram the index is of no use: PostgreSQL reads mine from the newest on, or all of them.
    until = (await connection.execute(PROGRESS)).scalar_one() if any(map(HAS_TRIGRAM.search, words)) else 0
    ids = list((await connection.execute(mine.where(MessageRow.id > until))).scalars())
    if before is not None:
        until = min(until, (before - 1) // BLOCK * BLOCK + BLOCK)
    blocks = FIRST_BLOCKS
    while until > 0 and len(ids) < limit:
        after = until - blocks * BLOCK
        hits = _hits(user_id, peer_id, words, after, until)
        ids += (await connection.execute(_messages_of(hits, newest_first, limit))).scalars()
        until, blocks = after, blocks * WIDER
    return ids[:limit]


def _hits(user_id: int, peer_id: int | None, words: list[str], after: int, until: int) -> CTE:
    """Chunks of mine between these ids that have all words. By itself, so that PostgreSQL weighs nothing but them."""
    chunk = SearchChunkRow
    mine = or_(chunk.low_id == user_id, chunk.high_id == user_id)
    if peer_id is not None:
        mine = and_(chunk.low_id == min(user_id, peer_id), chunk.high_id == max(user_id, peer_id))
    statement = select(chunk.low_id, chunk.high_id, chunk.first_id, chunk.last_id).where(
        mine, chunk.first_id > after, chunk.first_id <= until, _contain("postgresql", chunk.text, words)
    )
    return statement.cte("hits").prefix_with("MATERIALIZED", dialect="postgresql")


def _messages_of(hits: CTE, newest_first: AnySelect, limit: int) -> AnySelect:
    """Chunk by chunk, whatever PostgreSQL believes their number to be: the offset keeps it from another order."""
    in_pair = and_(MessageRow.low_id == hits.c.low_id, MessageRow.high_id == hits.c.high_id)
    in_chunk = and_(in_pair, MessageRow.id.between(hits.c.first_id, hits.c.last_id))
    found = newest_first.order_by(None).limit(None).where(in_chunk).offset(0).lateral()
    return select(found.c.id).select_from(hits.join(found, true())).order_by(found.c.id.desc()).limit(limit)


def _mine(dialect: str, user_id: int) -> ColumnElement[bool]:
    if dialect == "sqlite":  # it does not weigh: whoever has much would wait for all of theirs to be sorted
        return or_(MessageRow.low_id == user_id, MessageRow.high_id == user_id)
    # PostgreSQL weighs how much is mine, given an index for each side of this.
    received = and_(MessageRow.receiver_id == user_id, MessageRow.deleted_at.is_(None))
    return or_(MessageRow.sender_id == user_id, received)


def _contain(dialect: str, column: InstrumentedAttribute[str | None], words: list[str]) -> ColumnElement[bool]:
    return and_(*(_contains(dialect, column, word) for word in words))


def _contains(dialect: str, column: InstrumentedAttribute[str | None], word: str) -> ColumnElement[bool]:
    if dialect == "postgresql" and not HAS_TRIGRAM.search(word):  # LIKE would read the index from end to end
        return func.strpos(column, word) > 0
    return column.like(f"%{escape_like(word)}%", escape="\\")
