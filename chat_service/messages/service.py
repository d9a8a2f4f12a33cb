"""Sending, changing and reading messages. REST and socket call the same functions."""

from asyncio import Future

import emoji

from chat_service.errors import EmptyMessage
from chat_service.journal.journal import Journal
from chat_service.journal.state import MessageState
from chat_service.messages import queries
from chat_service.messages.commands import Delete, Edit, React, Send, Sent, is_blank
from chat_service.messages.schemas import MessagePage
from shared.database import Database
from shared.errors import Invalid, NotFound
from shared.users import load_users


class Messages:
    """What people do with messages."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal

    def send(self, send: Send) -> Future[Sent]:
        """Send a message, once."""
        if not send.attachment_ids and is_blank(send.text):
            raise EmptyMessage
        return self._journal.submit(send)

    async def edit(self, user_id: int, message_id: int, text: str, revision: int | None) -> MessageState:
        """Give my message another text."""
        return await self._journal.submit(Edit(user_id, message_id, text, revision))

    async def delete(self, user_id: int, message_id: int) -> None:
        """Delete my message for both people; again is fine."""
        await self._journal.submit(Delete(user_id, message_id))

    async def react(self, user_id: int, message_id: int, mark: str, *, on: bool) -> None:
        """Set exactly one emoji on a message, or take it off."""
        if not emoji.is_emoji(mark):
            raise Invalid("A reaction is exactly one emoji.")
        await self._journal.submit(React(user_id, message_id, mark, on))

    async def history(
        self, user_id: int, peer_id: int, *, before: int | None, after: int | None, around: int | None, limit: int
    ) -> MessagePage:
        """A page of the conversation with this person, in ascending id."""
        pair = queries.between(user_id, peer_id)
        async with self._database.read() as connection:
            if not await load_users(connection, [peer_id]):
                raise NotFound("There is no such person.")
            if before is not None:
                page = await queries.before(connection, pair, before, limit)
            elif after is not None:
                page = await queries.after(connection, pair, after, limit)
            elif around is not None:
                page = await queries.around(connection, pair, around, limit)
            else:
                page = await queries.newest(connection, pair, limit)
        return MessagePage(
            items=[message.view() for message in page.messages],
            has_more_before=page.more_before,
            has_more_after=page.more_after,
        )
