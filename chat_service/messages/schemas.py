"""Messages as clients see and send them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from shared.schemas import STORABLE, Schema, StrictId

MAX_TEXT = 8_000
MAX_ATTACHMENTS = 10


def _distinct(ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
    if len(ids) != len(set(ids)):
        raise PydanticCustomError("doubled_attachment", "A file is there twice")
    return ids


MessageText = Annotated[str, Field(max_length=MAX_TEXT), STORABLE]
AttachmentIds = Annotated[tuple[UUID, ...], Field(max_length=MAX_ATTACHMENTS), AfterValidator(_distinct)]


class Attachment(Schema):
    """A file of a message. Width, height and thumbnail are null unless it is an image."""

    id: UUID
    filename: str
    content_type: str
    size: int
    width: int | None
    height: int | None
    url: str
    thumbnail_url: str | None


class Reaction(Schema):
    """An emoji and who set it."""

    emoji: str
    user_ids: list[int]


class Message(Schema):
    """A message as it is now. A deleted one has no text, attachments or reactions any more."""

    id: int
    client_id: UUID
    sender_id: int
    receiver_id: int
    text: str | None
    attachments: list[Attachment]
    reply_to_id: int | None
    reactions: list[Reaction]
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    revision: int


class NewMessage(Schema):
    """A message to send. `client_id` is made by the client, so that trying again cannot send twice."""

    receiver_id: StrictId
    text: MessageText | None = None
    client_id: UUID
    attachment_ids: AttachmentIds = ()
    reply_to_id: StrictId | None = None


class MessageEdit(Schema):
    """A new text; with `revision`, only if the message still has that one."""

    text: MessageText
    revision: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)] | None = None


class MessagePage(Schema):
    """Messages of one conversation in ascending id."""

    items: list[Message]
    has_more_before: bool
    has_more_after: bool
