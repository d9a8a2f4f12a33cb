"""The people endpoints."""

from typing import Annotated

from fastapi import Query

from auth_service.deps import CurrentUser, PeopleDep
from auth_service.people.schemas import PeoplePage
from shared.routing import Router
from shared.schemas import Digits, PathId, Text, User

router = Router(prefix="/api/users", tags=["people"])


@router.get("")
async def search_people(
    me: CurrentUser,
    people: PeopleDep,
    q: Annotated[Text, Query(max_length=200)] = "",
    limit: Annotated[int, Digits, Query(ge=1, le=100)] = 50,
    cursor: Text | None = None,
) -> PeoplePage:
    """People by name parts, without me."""
    return await people.search(me.user_id, q, cursor, limit)


@router.get("/{user_id}")
async def read_user(user_id: PathId, _me: CurrentUser, people: PeopleDep) -> User:
    """One person."""
    return await people.get(user_id)
