"""What search says."""

from chat_service.messages.schemas import Message
from shared.schemas import Schema


class SearchPage(Schema):
    """A page of messages that were found, newest first; `next_cursor` is null on the last one."""

    items: list[Message]
    next_cursor: str | None
