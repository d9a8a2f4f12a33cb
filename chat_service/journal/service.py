"""Reading one's journal from where one left off."""

from dataclasses import dataclass
from uuid import UUID

from chat_service.journal.events import builder_for, read_events
from chat_service.journal.queries import read_start
from chat_service.journal.schemas import EventView, SyncPage
from shared.database import Database


@dataclass(frozen=True, slots=True)
class Position:
    """Where a client says it is."""

    since: int
    epoch: UUID


class Sync:
    """Events after a position. Never a partial recovery: what cannot be shown to be continuous is a reset."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, user_id: int, position: Position | None, limit: int) -> SyncPage:
        """The next events, at most `limit`; without a position none, only the head to start from."""
        async with self._database.read() as connection:
            epoch, head = await read_start(connection, user_id)
            if position is None:
                return SyncPage(epoch=epoch, events=[], head=head, has_more=False, reset=False)
            if not is_continuous(position, epoch, head):
                return SyncPage(epoch=epoch, events=[], head=head, has_more=False, reset=True)
            events = await read_events(connection, {user_id: position.since}, limit)
            builder = await builder_for(connection, events)
        last = events[-1].seq if events else position.since
        views = [EventView.model_construct(seq=e.seq, type=e.type, data=builder.data(e)) for e in events]
        return SyncPage.model_construct(
            epoch=epoch, events=views, head=max(head, last), has_more=head > last, reset=False
        )

    async def start(self, user_id: int) -> tuple[UUID, int]:
        """The journal's epoch, and the head of this person's."""
        async with self._database.read() as connection:
            return await read_start(connection, user_id)


def is_continuous(position: Position, epoch: UUID, head: int) -> bool:
    """Whether the events after this position follow on what the client has."""
    return position.epoch == epoch and 0 <= position.since <= head
