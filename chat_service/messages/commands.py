"""What may be done to messages, as commands of the journal. Pure rules; the contract's table is their specification."""

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from chat_service.errors import (
    AttachmentUsed,
    Blocked,
    Deleted,
    EmptyMessage,
    NotYours,
    StaleRevision,
    TooManyReactions,
)
from chat_service.journal.state import AttachmentState, EventType, MessageState, Needs, State
from shared.errors import NotFound

MAX_REACTIONS_EACH = 20
INVISIBLE = ("Z", "Cc", "Cf")


def is_blank(text: str | None) -> bool:
    """Whether there is nothing to see: white space, control and format characters only."""
    if not text:
        return True
    # Nearly every text begins with a letter: the rest need not be looked at.
    return not text[0].isalnum() and all(unicodedata.category(each).startswith(INVISIBLE) for each in text)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that is stored; `created` is false if it was before."""

    message: MessageState
    created: bool


@dataclass(frozen=True, slots=True)
class Send:
    """Send a message, once: the same `client_id` again gives the message that it made, as it is now."""

    sender_id: int
    receiver_id: int
    text: str | None
    client_id: UUID
    attachment_ids: tuple[UUID, ...] = ()
    reply_to_id: int | None = None

    def needs(self) -> Needs:
        return Needs(
            pairs={(self.sender_id, self.receiver_id)},
            message_ids={self.reply_to_id} if self.reply_to_id is not None else set(),
            sent={(self.sender_id, self.client_id)},
            attachment_ids=set(self.attachment_ids),
        )

    def apply(self, state: State) -> Sent:
        known = state.sent.get((self.sender_id, self.client_id))
        if known is not None:
            return Sent(known, created=False)
        if self.receiver_id not in state.active_users:
            raise NotFound("There is no such person.")
        if state.is_blocked(self.sender_id, self.receiver_id):
            raise Blocked
        message = MessageState(
            id=0,
            client_id=self.client_id,
            sender_id=self.sender_id,
            receiver_id=self.receiver_id,
            text=None if self.attachment_ids and is_blank(self.text) else self.text,
            reply_to_id=self.reply_to_id,
            created_at=state.now,
        )
        self._check_reply(state, message)
        attachments = [self._attachment(state, id_) for id_ in self.attachment_ids]
        for place, attachment in enumerate(attachments):
            state.used_attachments.append((attachment, message, place))
            attachment.message_id = 0  # taken: its message has no id before it is stored
        message.attachments = attachments
        state.add_message(message)
        return Sent(message, created=True)

    def _check_reply(self, state: State, message: MessageState) -> None:
        if self.reply_to_id is not None:
            replied = state.messages.get(self.reply_to_id)
            if replied is None or replied.people != message.people:
                raise NotFound("There is no such message to reply to.")

    def _attachment(self, state: State, attachment_id: UUID) -> AttachmentState:
        attachment = state.attachments.get(attachment_id)
        if attachment is None or attachment.uploader_id != self.sender_id:
            raise NotFound("There is no such file.")
        if attachment.message_id is not None:
            raise AttachmentUsed
        return attachment


@dataclass(frozen=True, slots=True)
class Edit:
    """Give my message another text."""

    user_id: int
    message_id: int
    text: str
    revision: int | None = None

    def needs(self) -> Needs:
        return Needs(message_ids={self.message_id})

    def apply(self, state: State) -> MessageState:
        message = own_message(state, self.user_id, self.message_id)
        if message.deleted_at is not None:
            raise Deleted
        if state.is_blocked(message.sender_id, message.receiver_id):
            raise Blocked
        if self.revision is not None and self.revision != message.revision:
            raise StaleRevision
        if is_blank(self.text) and not message.attachments:
            raise EmptyMessage
        message.text = None if is_blank(self.text) else self.text
        message.edited_at = state.now
        message.revision += 1
        state.change_message(message, EventType.MESSAGE_UPDATED)
        return message


@dataclass(frozen=True, slots=True)
class Delete:
    """Take the content of my message away, for both people."""

    user_id: int
    message_id: int

    def needs(self) -> Needs:
        return Needs(message_ids={self.message_id})

    def apply(self, state: State) -> None:
        message = own_message(state, self.user_id, self.message_id)
        if message.deleted_at is not None:
            return
        for emoji, user_id in message.reactions:
            _unset(state, message.id, user_id, emoji)
        state.removed_attachments.extend(message.attachments)
        message.text, message.attachments, message.reactions = None, [], {}
        message.deleted_at = state.now
        message.revision += 1
        state.change_message(message, EventType.MESSAGE_DELETED)


@dataclass(frozen=True, slots=True)
class React:
    """Set an emoji on a message, or take it off again."""

    user_id: int
    message_id: int
    emoji: str
    on: bool

    def needs(self) -> Needs:
        return Needs(message_ids={self.message_id})

    def apply(self, state: State) -> None:
        message = visible_message(state, self.user_id, self.message_id)
        if message.deleted_at is not None:
            raise Deleted
        if state.is_blocked(message.sender_id, message.receiver_id):
            raise Blocked
        key = (self.emoji, self.user_id)
        if self.on == (key in message.reactions):
            return
        if self.on:
            if sum(user_id == self.user_id for _, user_id in message.reactions) >= MAX_REACTIONS_EACH:
                raise TooManyReactions
            message.reactions[key] = state.now
            state.new_reactions[message.id, self.user_id, self.emoji] = state.now
        else:
            del message.reactions[key]
            _unset(state, message.id, self.user_id, self.emoji)
        state.tell(message, EventType.MESSAGE_UPDATED)


def _unset(state: State, message_id: int, user_id: int, emoji: str) -> None:
    state.new_reactions.pop((message_id, user_id, emoji), None)
    state.removed_reactions.add((message_id, user_id, emoji))


def visible_message(state: State, user_id: int, message_id: int) -> MessageState:
    """A message of one of my conversations; any other does not exist for me."""
    message = state.messages.get(message_id)
    if message is None or user_id not in message.people:
        raise NotFound("There is no such message.")
    return message


def own_message(state: State, user_id: int, message_id: int) -> MessageState:
    """A message that I wrote."""
    message = visible_message(state, user_id, message_id)
    if message.sender_id != user_id:
        raise NotYours
    return message
