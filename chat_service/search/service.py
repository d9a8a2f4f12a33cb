"""Finding messages."""

from chat_service.journal.loading import messages
from chat_service.models import MessageRow
from chat_service.search import queries
from chat_service.search.schemas import SearchPage
from chat_service.search.words import words
from shared.database import Database
from shared.paging import from_cursor, to_cursor

MAX_WORDS = 8


class Search:
    """Looks into the messages of one person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self, user_id: int, query: str, *, peer_id: int | None, cursor: str | None, limit: int
    ) -> SearchPage:
        """My messages that contain all words of the query, newest first; none for an empty one."""
        wanted = words(query)[:MAX_WORDS]
        position = from_cursor(cursor, int)
        if not wanted:
            return SearchPage(items=[], next_cursor=None)
        before = None if position is None else position[0]
        async with self._database.read() as connection:
            ids = await queries.find_messages(connection, user_id, wanted, peer_id, before, limit + 1)
            found = await messages(connection, MessageRow.id.in_(ids[:limit])) if ids else []
        items = [message.view() for message in reversed(found)]
        return SearchPage(items=items, next_cursor=to_cursor(ids[limit - 1]) if len(ids) > limit else None)
