"""Events and their pages as clients see them."""

from uuid import UUID

from chat_service.journal.state import EventType
from chat_service.messages.schemas import Message
from shared.schemas import Schema, User


class MarkMoved(Schema):
    """`user_id` has now read (or got) everything of the conversation with `peer_id` up to this message."""

    user_id: int
    peer_id: int
    message_id: int


class BlockChanged(Schema):
    """I block this person now, or no longer."""

    user_id: int
    blocked: bool


EventData = Message | MarkMoved | BlockChanged | User


class EventView(Schema):
    """A line of my journal. `data` shows the present state of what the event refers to."""

    seq: int
    type: EventType
    data: EventData


class SyncPage(Schema):
    """The events after a position. With `reset`, continuity cannot be shown: load everything afresh from `head`."""

    epoch: UUID
    events: list[EventView]
    head: int
    has_more: bool
    reset: bool
