"""What a person has chosen."""

from chat_service.preferences import queries
from chat_service.preferences.schemas import Preferences, PreferencesChange
from shared.database import Database


class PreferencesService:
    """Reads and changes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, user_id: int) -> Preferences:
        """Somebody's preferences."""
        async with self._database.read() as connection:
            return Preferences(receipts=await queries.shows_receipts(connection, user_id))

    async def change(self, user_id: int, change: PreferencesChange) -> Preferences:
        """Change what was given. What was read before stays as it was told."""
        async with self._database.transaction() as connection:
            if change.receipts is not None:
                await queries.store(connection, user_id, receipts=change.receipts)
            return Preferences(receipts=await queries.shows_receipts(connection, user_id))
