"""The preferences' endpoints."""

from chat_service.deps import CurrentUser, PreferencesDep
from chat_service.preferences.schemas import Preferences, PreferencesChange
from shared.routing import Router

router = Router(prefix="/api/preferences", tags=["preferences"])


@router.get("")
async def read_preferences(me: CurrentUser, preferences: PreferencesDep) -> Preferences:
    """What I have chosen."""
    return await preferences.read(me.user_id)


@router.patch("")
async def change_preferences(change: PreferencesChange, me: CurrentUser, preferences: PreferencesDep) -> Preferences:
    """Choose otherwise."""
    return await preferences.change(me.user_id, change)
