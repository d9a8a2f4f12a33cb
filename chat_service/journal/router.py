"""The sync endpoint."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from chat_service.deps import CurrentUser, SyncDep
from chat_service.journal.schemas import SyncPage
from chat_service.journal.service import Position
from shared.errors import Invalid
from shared.routing import Router
from shared.schemas import MAX_ID, Digits

router = Router(prefix="/api/sync", tags=["sync"])


@router.get("")
async def sync(
    me: CurrentUser,
    service: SyncDep,
    since: Annotated[int | None, Digits, Query(ge=0, le=MAX_ID)] = None,
    epoch: UUID | None = None,
    limit: Annotated[int, Digits, Query(ge=1, le=500)] = 500,
) -> SyncPage:
    """What happened after `since`. Without it, only where to start: take that first, then load, then apply."""
    if since is None:
        return await service.page(me.user_id, None, limit)
    if epoch is None:
        raise Invalid("`since` needs the epoch that it belongs to.")
    return await service.page(me.user_id, Position(since, epoch), limit)
