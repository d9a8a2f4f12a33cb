"""SQL of reading the journal."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.models import EpochRow, HeadRow


async def read_heads(connection: AsyncConnection, users: Sequence[int]) -> dict[int, int]:
    """The seq of each person's newest event, 0 when there is none."""
    rows = await connection.execute(select(HeadRow.user_id, HeadRow.seq).where(HeadRow.user_id.in_(users)))
    found = {row.user_id: row.seq for row in rows}
    return {user: found.get(user, 0) for user in users}


async def read_start(connection: AsyncConnection, user_id: int) -> tuple[UUID, int]:
    """The journal's name and this person's head, in one statement."""
    head = select(HeadRow.seq).where(HeadRow.user_id == user_id).scalar_subquery()
    row = (await connection.execute(select(EpochRow.epoch, func.coalesce(head, 0)))).one()
    return row[0], row[1]
