"""The preferences' endpoints."""

from fastapi import APIRouter

from chat_service.deps import CurrentUser, PreferencesDep
from chat_service.preferences.schemas import Preferences, PreferencesChange
from shared.routing import ContractRoute

router = APIRouter(prefix="/api/preferences", tags=["preferences"], route_class=ContractRoute)


@router.get("")
async def read_preferences(me: CurrentUser, preferences: PreferencesDep) -> Preferences:
    """What I have chosen."""
    return await preferences.read(me.user_id)


@router.patch("")
async def change_preferences(change: PreferencesChange, me: CurrentUser, preferences: PreferencesDep) -> Preferences:
    """Choose otherwise."""
    return await preferences.change(me.user_id, change)
