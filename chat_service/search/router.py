"""The search endpoint."""

from typing import Annotated

from fastapi import Query

from chat_service.deps import CurrentUser, SearchDep
from chat_service.search.schemas import SearchPage
from shared.routing import Router
from shared.schemas import MAX_ID, Digits, Text

router = Router(prefix="/api/search", tags=["search"])


@router.get("")
async def search_messages(
    me: CurrentUser,
    search: SearchDep,
    q: Annotated[Text, Query(max_length=200)],
    peer_id: Annotated[int | None, Digits, Query(ge=1, le=MAX_ID)] = None,
    limit: Annotated[int, Digits, Query(ge=1, le=100)] = 20,
    cursor: Text | None = None,
) -> SearchPage:
    """My messages that contain all words, in any script and case."""
    return await search.find(me.user_id, q, peer_id=peer_id, cursor=cursor, limit=limit)
