"""Conversations as clients see them."""

from chat_service.messages.schemas import Message
from shared.schemas import Schema, StrictId, User


class Conversation(Schema):
    """My side of a conversation, and how far the other one is. `blocked` means that I block them."""

    peer: User
    last_message: Message
    unread_count: int
    my_read_id: int | None
    peer_read_id: int | None
    peer_delivered_id: int | None
    blocked: bool


class ConversationPage(Schema):
    """A page of my conversations, newest first; `next_cursor` is null on the last one."""

    items: list[Conversation]
    next_cursor: str | None


class Place(Schema):
    """Where in a conversation something is; null when there is nothing."""

    message_id: int | None


class ReadMark(Schema):
    """I have read everything up to this message."""

    message_id: StrictId
