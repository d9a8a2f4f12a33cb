"""SQL of preferences. Somebody without a row has the defaults."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.models import PreferencesRow
from shared.database import upsert


async def shows_receipts(connection: AsyncConnection, user_id: int) -> bool:
    """Whether this person shows and sees what was read."""
    return user_id not in await without_receipts(connection, [user_id])


async def without_receipts(connection: AsyncConnection, users: Collection[int]) -> set[int]:
    """Who of these people has receipts turned off."""
    statement = select(PreferencesRow.user_id).where(
        PreferencesRow.user_id.in_(users), PreferencesRow.receipts.is_(False)
    )
    return set((await connection.execute(statement)).scalars())


async def store(connection: AsyncConnection, user_id: int, *, receipts: bool) -> None:
    """Keep what was chosen."""
    await connection.execute(upsert(connection, PreferencesRow, [{"user_id": user_id, "receipts": receipts}]))
