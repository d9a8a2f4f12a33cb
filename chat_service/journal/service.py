"""Reading one's journal from where one left off."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from chat_service.journal.events import builder_for, read_events
from chat_service.journal.queries import read_present_starts, read_starts
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
        self._waiting: list[tuple[int, asyncio.Future[tuple[UUID, int]]]] = []
        self._reading: asyncio.Task[None] | None = None

    async def page(self, user_id: int, position: Position | None, limit: int) -> SyncPage:
        """The next events, at most `limit`; without a position none, only the head to start from."""
        async with self._database.read() as connection:
            epoch, heads = await read_starts(connection, [user_id])
            head = heads[user_id]
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
        """The journal's epoch, and the head of this person's. Thousands who come back at once are read for together."""
        found: asyncio.Future[tuple[UUID, int]] = asyncio.get_running_loop().create_future()
        self._waiting.append((user_id, found))
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_starts(), name="starts")
        return await found

    async def _read_starts(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            try:
                epoch, heads = await read_present_starts(self._database, {user_id for user_id, _ in waiting})
            except Exception as error:
                for _, found in waiting:
                    if not found.done():
                        found.set_exception(error)
            else:
                for user_id, found in waiting:
                    if not found.done():  # its socket is gone
                        found.set_result((epoch, heads[user_id]))
        self._reading = None


def is_continuous(position: Position, epoch: UUID, head: int) -> bool:
    """Whether the events after this position follow on what the client has."""
    return position.epoch == epoch and 0 <= position.since <= head
