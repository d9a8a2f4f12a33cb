"""SQL of uploads that are still coming in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.models import AttachmentRow, UploadPartRow, UploadRow
from shared.database import locked
from shared.rows import AnyRow


async def count_open(connection: AsyncConnection, user_id: int) -> int:
    """How many uploads this person has begun."""
    statement = select(func.count()).select_from(UploadRow).where(UploadRow.uploader_id == user_id)
    return int((await connection.execute(statement)).scalar_one())


async def add(connection: AsyncConnection, row: dict[str, Any]) -> None:
    """Begin an upload."""
    await connection.execute(insert(UploadRow).values(row))


async def find(connection: AsyncConnection, upload_id: UUID, user_id: int) -> AnyRow | None:
    """One of my uploads."""
    statement = select(*UploadRow.__table__.columns).where(UploadRow.id == upload_id, UploadRow.uploader_id == user_id)
    return (await connection.execute(statement)).one_or_none()


async def advance(connection: AsyncConnection, part: dict[str, Any]) -> bool:
    """Count a part that was stored; False when it does not follow what is there (any more)."""
    moved = (
        update(UploadRow)
        .where(UploadRow.id == part["upload_id"], UploadRow.received == part["start"])
        .values(received=part["start"] + part["size"])
    )
    if (await connection.execute(moved)).rowcount != 1:
        return False
    await connection.execute(insert(UploadPartRow).values(part))
    return True


async def parts(connection: AsyncConnection, upload_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """The parts of uploads, in order."""
    statement = (
        select(UploadPartRow.part_id, UploadPartRow.size)
        .where(UploadPartRow.upload_id.in_(upload_ids))
        .order_by(UploadPartRow.upload_id, UploadPartRow.start)
    )
    return (await connection.execute(statement)).all()


async def remove(connection: AsyncConnection, upload_ids: Sequence[UUID]) -> bool:
    """Forget uploads and their parts; False when there was none."""
    # Locked first: a part that comes in meanwhile has to see that its upload is gone.
    await connection.execute(locked(connection, select(UploadRow.id).where(UploadRow.id.in_(upload_ids))))
    await connection.execute(delete(UploadPartRow).where(UploadPartRow.upload_id.in_(upload_ids)))
    return (await connection.execute(delete(UploadRow).where(UploadRow.id.in_(upload_ids)))).rowcount > 0


async def find_expired(connection: AsyncConnection, before: datetime, limit: int) -> list[UUID]:
    """Uploads that were begun before that time."""
    statement = select(UploadRow.id).where(UploadRow.created_at < before).limit(limit)
    return list((await connection.execute(statement)).scalars())


async def find_finished(connection: AsyncConnection, upload_id: UUID, user_id: int) -> UUID | None:
    """The file that my upload became."""
    statement = select(AttachmentRow.id).where(
        AttachmentRow.upload_id == upload_id, AttachmentRow.uploader_id == user_id
    )
    return (await connection.execute(statement)).scalar_one_or_none()


async def known_parts(connection: AsyncConnection, part_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these parts belong to an upload."""
    statement = select(UploadPartRow.part_id).where(UploadPartRow.part_id.in_(part_ids))
    return set((await connection.execute(statement)).scalars())
