"""SQL of files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.models import AttachmentRow, MessageRow, UploadRow
from shared.rows import AnyRow


async def used_bytes(connection: AsyncConnection, user_id: int) -> int:
    """All of a person's files together, with those that are still coming in."""
    files = select(func.sum(AttachmentRow.size)).where(AttachmentRow.uploader_id == user_id).scalar_subquery()
    coming = select(func.sum(UploadRow.size)).where(UploadRow.uploader_id == user_id).scalar_subquery()
    statement = select(func.coalesce(files, 0) + func.coalesce(coming, 0))
    return int((await connection.execute(statement)).scalar_one())


async def add_attachments(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Store files that belong to no message yet."""
    await connection.execute(insert(AttachmentRow), list(rows))


async def find_visible(connection: AsyncConnection, attachment_id: UUID, user_id: int) -> AnyRow | None:
    """A file of one of my conversations, or one that I uploaded and did not send yet."""
    mine = or_(
        (AttachmentRow.message_id.is_(None)) & (AttachmentRow.uploader_id == user_id),
        MessageRow.sender_id == user_id,
        MessageRow.receiver_id == user_id,
    )
    statement = (
        select(*AttachmentRow.__table__.columns)
        .outerjoin(MessageRow, MessageRow.id == AttachmentRow.message_id)
        .where(AttachmentRow.id == attachment_id, mine)
    )
    return (await connection.execute(statement)).one_or_none()


async def delete_abandoned(connection: AsyncConnection, before: datetime, limit: int) -> list[UUID]:
    """Forget files that were uploaded before that time and never sent."""
    old = (
        select(AttachmentRow.id)
        .where(AttachmentRow.message_id.is_(None), AttachmentRow.created_at < before)
        .limit(limit)
    )
    statement = delete(AttachmentRow).where(AttachmentRow.id.in_(old), AttachmentRow.message_id.is_(None))
    return list((await connection.execute(statement.returning(AttachmentRow.id))).scalars())


async def known_ids(connection: AsyncConnection, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these files there are."""
    statement = select(AttachmentRow.id).where(AttachmentRow.id.in_(ids))
    return set((await connection.execute(statement)).scalars())
