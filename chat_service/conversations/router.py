"""The conversation endpoints."""

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from chat_service.conversations.schemas import ConversationPage, Place, ReadMark
from chat_service.deps import ConversationsDep, CurrentUser
from shared.routing import Router
from shared.schemas import MAX_ID, Digits, PathId, Text, User

router = Router(prefix="/api", tags=["conversations"])


@router.get("/conversations")
async def list_conversations(
    me: CurrentUser,
    conversations: ConversationsDep,
    limit: Annotated[int, Digits, Query(ge=1, le=100)] = 50,
    cursor: Text | None = None,
    peer_id: Annotated[int | None, Digits, Query(ge=1, le=MAX_ID)] = None,
) -> ConversationPage:
    """My conversations, newest first; with `peer_id` only the one with this person, if there is one."""
    return await conversations.list_page(me.user_id, cursor, limit, peer_id)


@router.get("/conversations/{user_id}/at")
async def find_place(user_id: PathId, time: AwareDatetime, me: CurrentUser, conversations: ConversationsDep) -> Place:
    """The first message at this time or later: where a jump to a date goes."""
    return Place(message_id=await conversations.first_since(me.user_id, user_id, time))


@router.post("/conversations/{user_id}/read", status_code=204)
async def mark_read(user_id: PathId, mark: ReadMark, me: CurrentUser, conversations: ConversationsDep) -> None:
    """I have read this conversation up to a message."""
    await conversations.mark(me.user_id, user_id, mark.message_id, read=True)


@router.get("/blocks")
async def list_blocks(me: CurrentUser, conversations: ConversationsDep) -> list[User]:
    """Whom I block."""
    return await conversations.blocked(me.user_id)


@router.put("/blocks/{user_id}", status_code=204)
async def block(user_id: PathId, me: CurrentUser, conversations: ConversationsDep) -> None:
    """Block somebody."""
    await conversations.set_block(me.user_id, user_id, on=True)


@router.delete("/blocks/{user_id}", status_code=204)
async def unblock(user_id: PathId, me: CurrentUser, conversations: ConversationsDep) -> None:
    """Block somebody no longer."""
    await conversations.set_block(me.user_id, user_id, on=False)
