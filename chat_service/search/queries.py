"""SQL of search."""

import re

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.messages.queries import between
from chat_service.models import MessageRow
from shared.database import escape_like, plan_for_values

HAS_TRIGRAM = re.compile(r"[^\W_]{3}")


async def find_messages(
    connection: AsyncConnection, user_id: int, words: list[str], peer_id: int | None, before: int | None, limit: int
) -> list[int]:
    """Ids of my messages that contain all words, newest first. Deleted ones have no text to be found by."""
    await plan_for_values(connection)
    dialect = connection.dialect.name
    where = _mine(dialect, user_id) if peer_id is None else between(user_id, peer_id)
    statement = select(MessageRow.id).where(where, *(_contains(dialect, word) for word in words))
    if before is not None:
        statement = statement.where(MessageRow.id < before)
    statement = statement.order_by(MessageRow.id.desc()).limit(limit)
    return list((await connection.execute(statement)).scalars())


def _mine(dialect: str, user_id: int) -> ColumnElement[bool]:
    if dialect == "sqlite":  # it does not weigh: whoever has much would wait for all of theirs to be sorted
        return or_(MessageRow.low_id == user_id, MessageRow.high_id == user_id)
    # PostgreSQL weighs how much is mine and how rare the words are, given an index for each side of this.
    received = and_(MessageRow.receiver_id == user_id, MessageRow.deleted_at.is_(None))
    return or_(MessageRow.sender_id == user_id, received)


def _contains(dialect: str, word: str) -> ColumnElement[bool]:
    if dialect == "postgresql" and not HAS_TRIGRAM.search(word):  # LIKE would read the index from end to end
        return func.strpos(MessageRow.search_text, word) > 0
    return MessageRow.search_text.like(f"%{escape_like(word)}%", escape="\\")
