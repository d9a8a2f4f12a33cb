"""The message endpoints."""

from typing import Annotated

from fastapi import Query, Response

from chat_service.deps import CurrentUser, MessagesDep
from chat_service.messages.commands import Send
from chat_service.messages.schemas import Message, MessageEdit, MessagePage, NewMessage
from shared.errors import Invalid
from shared.routing import Router
from shared.schemas import MAX_ID, Digits, PathId

router = Router(prefix="/api/messages", tags=["messages"])

Position = Annotated[int | None, Digits, Query(ge=0, le=MAX_ID)]


@router.get("/{user_id}")
async def list_messages(
    user_id: PathId,
    me: CurrentUser,
    messages: MessagesDep,
    before: Position = None,
    after: Position = None,
    around: Position = None,
    limit: Annotated[int, Digits, Query(ge=1, le=100)] = 50,
) -> MessagePage:
    """My conversation with this person; without a position, its newest messages."""
    if sum(position is not None for position in (before, after, around)) > 1:
        raise Invalid("Only one of before, after and around can be given.")
    return await messages.history(me.user_id, user_id, before=before, after=after, around=around, limit=limit)


@router.post("", status_code=201, responses={200: {"model": Message, "description": "It was sent before"}})
async def send_message(new: NewMessage, me: CurrentUser, messages: MessagesDep, response: Response) -> Message:
    """Send a message."""
    sent = await messages.send(
        Send(me.user_id, new.receiver_id, new.text, new.client_id, new.attachment_ids, new.reply_to_id)
    )
    if not sent.created:
        response.status_code = 200
    return sent.message.view()


@router.patch("/{message_id}")
async def edit_message(message_id: PathId, edit: MessageEdit, me: CurrentUser, messages: MessagesDep) -> Message:
    """Give my message another text."""
    return (await messages.edit(me.user_id, message_id, edit.text, edit.revision)).view()


@router.delete("/{message_id}", status_code=204)
async def delete_message(message_id: PathId, me: CurrentUser, messages: MessagesDep) -> None:
    """Delete my message for both people."""
    await messages.delete(me.user_id, message_id)


@router.put("/{message_id}/reactions/{emoji}", status_code=204)
async def add_reaction(message_id: PathId, emoji: str, me: CurrentUser, messages: MessagesDep) -> None:
    """Set an emoji on a message."""
    await messages.react(me.user_id, message_id, emoji, on=True)


@router.delete("/{message_id}/reactions/{emoji}", status_code=204)
async def remove_reaction(message_id: PathId, emoji: str, me: CurrentUser, messages: MessagesDep) -> None:
    """Take my emoji off a message."""
    await messages.react(me.user_id, message_id, emoji, on=False)
