"""SQL of search."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.messages.queries import between
from chat_service.models import MessageRow
from shared.database import escape_like


async def find_messages(
    connection: AsyncConnection, user_id: int, words: list[str], peer_id: int | None, before: int | None, limit: int
) -> list[int]:
    """Ids of my messages that contain all words, newest first. Deleted ones have no text to be found by."""
    mine = or_(MessageRow.low_id == user_id, MessageRow.high_id == user_id)
    statement = select(MessageRow.id).where(mine if peer_id is None else between(user_id, peer_id))
    for word in words:
        statement = statement.where(MessageRow.search_text.like(f"%{escape_like(word)}%", escape="\\"))
    if before is not None:
        statement = statement.where(MessageRow.id < before)
    statement = statement.order_by(MessageRow.id.desc()).limit(limit)
    return list((await connection.execute(statement)).scalars())
