"""SQL of exports."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.models import AttachmentRow, ConversationRow, MessageRow
from shared.rows import AnyRow
from shared.users import PUBLIC, UserRow


async def read_account(connection: AsyncConnection, user_id: int) -> AnyRow:
    """My profile, with what only I see."""
    return (await connection.execute(select(*PUBLIC, UserRow.email).where(UserRow.id == user_id))).one()


async def read_peers(connection: AsyncConnection, user_id: int) -> list[int]:
    """Everybody I have a conversation with."""
    statement = select(ConversationRow.peer_id).where(ConversationRow.user_id == user_id)
    return sorted((await connection.execute(statement)).scalars())


async def read_files(connection: AsyncConnection, user_id: int, after: UUID | None, limit: int) -> Sequence[AnyRow]:
    """Files of my conversations and those that I did not send yet, in the order of their ids."""
    mine = or_(AttachmentRow.uploader_id == user_id, MessageRow.sender_id == user_id, MessageRow.receiver_id == user_id)
    statement = (
        select(AttachmentRow.id, AttachmentRow.filename)
        .outerjoin(MessageRow, MessageRow.id == AttachmentRow.message_id)
        .where(mine)
        .order_by(AttachmentRow.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(AttachmentRow.id > after)
    return (await connection.execute(statement)).all()
