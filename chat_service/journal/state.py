"""What a transaction of the journal works on: loaded at its beginning, changed in memory, stored at its end. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from chat_service.messages.schemas import Attachment, Message, Reaction

Pair = tuple[int, int]


class EventType(StrEnum):
    """The types of events (CONTRACT §3)."""

    MESSAGE_CREATED = "message.created"
    MESSAGE_UPDATED = "message.updated"
    MESSAGE_DELETED = "message.deleted"
    READ = "conversation.read"
    DELIVERED = "conversation.delivered"
    BLOCK_CHANGED = "block.changed"
    USER_UPDATED = "user.updated"


@dataclass(slots=True)
class AttachmentState:
    """An attachment's row."""

    id: UUID
    uploader_id: int
    message_id: int | None
    filename: str
    content_type: str
    size: int
    width: int | None
    height: int | None
    has_thumbnail: bool

    def view(self) -> Attachment:
        """As clients see it."""
        url = f"/api/files/{self.id}"
        return Attachment(
            id=self.id,
            filename=self.filename,
            content_type=self.content_type,
            size=self.size,
            width=self.width,
            height=self.height,
            url=url,
            thumbnail_url=f"{url}/thumbnail" if self.has_thumbnail else None,
        )


@dataclass(slots=True)
class MessageState:
    """A message's row with its attachments and reactions. A new one gets its id when it is stored."""

    id: int
    client_id: UUID
    sender_id: int
    receiver_id: int
    text: str | None
    reply_to_id: int | None
    created_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    revision: int = 1
    attachments: list[AttachmentState] = field(default_factory=list)
    reactions: dict[tuple[str, int], datetime] = field(default_factory=dict)
    """When each (emoji, person) was set, oldest first."""
    _encoded: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def people(self) -> set[int]:
        """The two people, or the one of a note."""
        return {self.sender_id, self.receiver_id}

    def peer_of(self, user_id: int) -> int:
        """The other one."""
        return self.receiver_id if user_id == self.sender_id else self.sender_id

    def encoded(self) -> bytes:
        """As clients see it, in JSON: once, for the sender's answer and all events. Only after it was stored."""
        if self._encoded is None:
            self._encoded = to_json(self._members())
        return self._encoded

    def view(self) -> Message:
        """As clients see it."""
        return Message(**self._members())

    def _members(self) -> dict[str, Any]:
        """Those of a `Message`. None is made to be encoded: that would take longer than the encoding."""
        by_emoji: dict[str, list[int]] = {}
        for emoji, user_id in self.reactions:
            by_emoji.setdefault(emoji, []).append(user_id)
        return {
            "id": self.id,
            "client_id": self.client_id,
            "sender_id": self.sender_id,
            "receiver_id": self.receiver_id,
            "text": self.text,
            "attachments": [attachment.view() for attachment in self.attachments],
            "reply_to_id": self.reply_to_id,
            "reactions": [Reaction(emoji=emoji, user_ids=ids) for emoji, ids in by_emoji.items()],
            "created_at": self.created_at,
            "edited_at": self.edited_at,
            "deleted_at": self.deleted_at,
            "revision": self.revision,
        }


@dataclass(slots=True)
class Marks:
    """One person's side of a conversation. There is one as soon as there is a message."""

    read_id: int | None = None
    delivered_id: int | None = None


@dataclass(slots=True)
class Event:
    """A line of somebody's journal; `seq` is given when it is stored."""

    user_id: int
    type: EventType
    message: MessageState | None = None
    message_id: int | None = None
    subject_id: int | None = None
    peer_id: int | None = None
    seq: int = 0


@dataclass(slots=True)
class Needs:
    """What a command must find in the state."""

    pairs: set[Pair] = field(default_factory=set)
    """Conversations: their people are locked; their blocks and marks are loaded."""
    message_ids: set[int] = field(default_factory=set)
    """Messages; the conversations that they belong to come with them."""
    sent: set[tuple[int, UUID]] = field(default_factory=set)
    """(sender, client_id) that may have been sent before."""
    attachment_ids: set[UUID] = field(default_factory=set)
    receipts: set[int] = field(default_factory=set)
    """People of whom it must be known whether they show what they have read."""
    profiles: set[int] = field(default_factory=set)
    """People whose peers are to be told of a change; all those peers are locked."""

    @property
    def only_to_send(self) -> bool:
        """Whether this is a new message that refers to nothing."""
        others = self.message_ids or self.attachment_ids or self.receipts or self.profiles
        return bool(self.sent) and not others

    def add(self, other: "Needs") -> None:
        """Need that too."""
        self.pairs |= other.pairs
        self.message_ids |= other.message_ids
        self.sent |= other.sent
        self.attachment_ids |= other.attachment_ids
        self.receipts |= other.receipts
        self.profiles |= other.profiles


@dataclass(slots=True)
class Profile:
    """A person's profile as it is, and as the journal has told it."""

    revision: int
    announced: int
    peers: list[int]


@dataclass(slots=True)
class State:
    """Everything that the waiting commands need, and what they change."""

    now: datetime
    active_users: set[int] = field(default_factory=set)
    known_users: set[int] = field(default_factory=set)
    """The active ones and those who deleted their account."""
    blocks: set[Pair] = field(default_factory=set)
    """(who blocks, who is blocked)"""
    without_receipts: set[int] = field(default_factory=set)
    """Who neither shows nor sees what was read."""
    messages: dict[int, MessageState] = field(default_factory=dict)
    sent: dict[tuple[int, UUID], MessageState] = field(default_factory=dict)
    attachments: dict[UUID, AttachmentState] = field(default_factory=dict)
    marks: dict[Pair, Marks] = field(default_factory=dict)
    profiles: dict[int, Profile] = field(default_factory=dict)

    new_messages: list[MessageState] = field(default_factory=list)
    changed_messages: dict[int, MessageState] = field(default_factory=dict)
    used_attachments: list[tuple[AttachmentState, MessageState, int]] = field(default_factory=list)
    removed_attachments: list[AttachmentState] = field(default_factory=list)
    new_reactions: dict[tuple[int, int, str], datetime] = field(default_factory=dict)
    removed_reactions: set[tuple[int, int, str]] = field(default_factory=set)
    changed_marks: set[Pair] = field(default_factory=set)
    new_blocks: set[Pair] = field(default_factory=set)
    removed_blocks: set[Pair] = field(default_factory=set)
    announced: dict[int, int] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def is_blocked(self, one: int, other: int) -> bool:
        """Whether either of two people blocks the other."""
        return (one, other) in self.blocks or (other, one) in self.blocks

    def marks_of(self, user_id: int, peer_id: int) -> Marks:
        """This person's side of the conversation."""
        return self.marks.setdefault((user_id, peer_id), Marks())

    def tell(self, message: MessageState, type_: EventType) -> None:
        """Write the event into both people's journals, or into the one of a note."""
        for user_id in sorted(message.people):
            self.events.append(Event(user_id, type_, message=message))

    def add_message(self, message: MessageState) -> None:
        """Send it."""
        self.new_messages.append(message)
        self.sent[message.sender_id, message.client_id] = message
        self.tell(message, EventType.MESSAGE_CREATED)

    def change_message(self, message: MessageState, type_: EventType) -> None:
        """Store what was changed in it, and tell."""
        self.changed_messages[message.id] = message
        self.tell(message, type_)

    def number(self, heads: Mapping[int, int]) -> dict[int, int]:
        """Give each person's new events their numbers; where their heads are then."""
        moved: dict[int, int] = {}
        for event in self.events:
            event.seq = moved[event.user_id] = moved.get(event.user_id, heads[event.user_id]) + 1
        return moved
