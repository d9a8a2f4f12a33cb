"""My conversations, marks and blocks."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.conversations import queries
from chat_service.conversations.commands import Mark, SetBlock
from chat_service.conversations.schemas import Conversation, ConversationPage
from chat_service.journal.journal import Journal
from chat_service.journal.loading import messages
from chat_service.messages import queries as history
from chat_service.models import MessageRow
from chat_service.preferences.queries import without_receipts
from shared.database import Database
from shared.paging import from_cursor, to_cursor
from shared.rows import AnyRow
from shared.schemas import User
from shared.users import load_users


class Conversations:
    """What people see beside the messages themselves."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal

    async def list_page(
        self, user_id: int, cursor: str | None, limit: int, peer_id: int | None = None
    ) -> ConversationPage:
        """My conversations, newest first; with `peer_id` only the one with this person, if there is one."""
        position = from_cursor(cursor, int)
        before = None if position is None else position[0]
        async with self._database.read() as connection:
            rows = await queries.newest_conversations(connection, user_id, peer_id, before, limit + 1)
            items = await _complete(connection, user_id, rows[:limit])
        more = len(rows) > limit
        return ConversationPage(items=items, next_cursor=to_cursor(rows[limit - 1].last_message_id) if more else None)

    async def first_since(self, user_id: int, peer_id: int, time: datetime) -> int | None:
        """The first message of our conversation that was sent at this time or later."""
        async with self._database.read() as connection:
            return await history.first_since(connection, history.between(user_id, peer_id), time)

    async def mark(self, user_id: int, peer_id: int, message_id: int, *, read: bool) -> None:
        """Move my read or delivered mark forward to this message."""
        await self._journal.submit(Mark(user_id, peer_id, message_id, read))

    async def set_block(self, user_id: int, peer_id: int, *, on: bool) -> None:
        """Block somebody, or no longer."""
        await self._journal.submit(SetBlock(user_id, peer_id, on))

    async def blocked(self, user_id: int) -> list[User]:
        """Whom I block."""
        async with self._database.read() as connection:
            return await queries.blocked_people(connection, user_id)


async def _complete(connection: AsyncConnection, user_id: int, rows: Sequence[AnyRow]) -> list[Conversation]:
    """With the people and their last messages."""
    peers = [row.peer_id for row in rows]
    people = await load_users(connection, peers)
    last = await messages(connection, MessageRow.id.in_([row.last_message_id for row in rows]))
    silent = await without_receipts(connection, {user_id, *peers})
    by_id = {message.id: message for message in last}
    return [
        Conversation(
            peer=people[row.peer_id],
            last_message=by_id[row.last_message_id].view(),
            unread_count=row.unread_count,
            my_read_id=row.my_read_id,
            peer_read_id=None if {user_id, row.peer_id} & silent else row.peer_read_id,
            peer_delivered_id=row.peer_delivered_id,
            blocked=bool(row.blocked),
        )
        for row in rows
    ]
