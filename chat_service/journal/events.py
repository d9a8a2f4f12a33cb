"""Events as clients see them, built from what they refer to as it is now: replay cannot bring back what was deleted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from pydantic_core import to_json
from sqlalchemy import BigInteger, and_, bindparam, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.journal.loading import messages
from chat_service.journal.schemas import BlockChanged, EventData, MarkMoved
from chat_service.journal.state import Event, EventType, MessageState, Pair
from chat_service.models import BlockRow, EventRow, MessageRow
from shared.rows import AnyRow, AnySelect, Rows
from shared.schemas import User
from shared.users import load_users

EVENT_COLUMNS = (
    EventRow.user_id,
    EventRow.seq,
    EventRow.type,
    EventRow.message_id,
    EventRow.subject_id,
    EventRow.peer_id,
)

MESSAGE_EVENTS = (EventType.MESSAGE_CREATED, EventType.MESSAGE_UPDATED, EventType.MESSAGE_DELETED)


@dataclass(slots=True)
class Builder:
    """Builds the data of events; each message is encoded once, however many people and devices it goes to."""

    messages: dict[int, MessageState] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)
    blocks: set[Pair] = field(default_factory=set)
    """(who blocks, who is blocked) at present"""

    def data(self, event: Event) -> EventData:
        """The event's data."""
        match event.type:
            case EventType.READ | EventType.DELIVERED:
                assert event.subject_id is not None
                assert event.peer_id is not None
                assert event.message_id is not None
                return MarkMoved(user_id=event.subject_id, peer_id=event.peer_id, message_id=event.message_id)
            case EventType.BLOCK_CHANGED:
                assert event.subject_id is not None
                return BlockChanged(user_id=event.subject_id, blocked=(event.user_id, event.subject_id) in self.blocks)
            case EventType.USER_UPDATED:
                return self.users[event.subject_id or 0]
            case _:
                return self.messages[event.message_id or 0].view()

    def frame(self, event: Event) -> bytes:
        """The event as a socket frame. Of a message's frames only `seq` differs, so its data is encoded once."""
        if event.type in MESSAGE_EVENTS and event.message_id is not None:
            data = self.messages[event.message_id].encoded()
        else:
            data = to_json(self.data(event))
        return b'{"type":"event","seq":%d,"event":"%b","data":%b}' % (event.seq, event.type.encode(), data)


POSITIONS = Rows("positions", user_id=BigInteger(), seq=BigInteger())


async def read_events(connection: AsyncConnection, after: dict[int, int], limit: int) -> list[Event]:
    """The events of these people after their positions, at most `limit` of each, in order of person and seq."""
    parameters = {"limit": limit, **POSITIONS.parameters(connection, after.items())}
    return [_to_event(row) for row in await connection.execute(_events(connection.dialect.name), parameters)]


@cache
def _events(dialect: str) -> AnySelect:
    after = POSITIONS.source(dialect)
    last = after.c.seq + bindparam("limit", type_=BigInteger())
    is_next = and_(EventRow.user_id == after.c.user_id, EventRow.seq > after.c.seq, EventRow.seq <= last)
    return select(*EVENT_COLUMNS).join_from(after, EventRow, is_next).order_by(EventRow.user_id, EventRow.seq)


def _to_event(row: AnyRow) -> Event:
    return Event(
        user_id=row.user_id,
        type=EventType(row.type),
        message_id=row.message_id,
        subject_id=row.subject_id,
        peer_id=row.peer_id,
        seq=row.seq,
    )


async def builder_for(connection: AsyncConnection, events: Sequence[Event]) -> Builder:
    """A builder that has everything these events refer to, as it is now."""
    builder = Builder()
    message_ids = {e.message_id for e in events if e.type in MESSAGE_EVENTS}
    if message_ids:
        found = await messages(connection, MessageRow.id.in_(message_ids))
        builder.messages = {message.id: message for message in found}
    users = {e.subject_id for e in events if e.type is EventType.USER_UPDATED and e.subject_id}
    if users:
        builder.users = await load_users(connection, users)
    blocks = {(e.user_id, e.subject_id) for e in events if e.type is EventType.BLOCK_CHANGED}
    if blocks:
        key = tuple_(BlockRow.blocker_id, BlockRow.blocked_id)
        rows = await connection.execute(select(BlockRow.blocker_id, BlockRow.blocked_id).where(key.in_(blocks)))
        builder.blocks = {(row.blocker_id, row.blocked_id) for row in rows}
    return builder
