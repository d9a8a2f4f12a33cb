"""What routes of auth_service ask for, as annotated aliases, so that a route reads as a sentence."""

from typing import Annotated

from fastapi import Depends, Request

from auth_service.accounts.service import Accounts
from auth_service.people.service import People
from auth_service.sessions.service import Device, Sessions
from auth_service.settings import AuthSettings
from shared.middleware import client_address
from shared.security import current_user
from shared.service import from_state
from shared.tokens import Claims

MAX_USER_AGENT = 300


def device(request: Request) -> Device:
    """What a request comes from."""
    agent = request.headers.get("user-agent", "").replace("\x00", "")[:MAX_USER_AGENT]
    return Device(ip=client_address(request.scope), user_agent=agent)


async def _device(request: Request) -> Device:  # async, or it would go by way of a thread
    return device(request)


CurrentUser = Annotated[Claims, Depends(current_user)]
DeviceDep = Annotated[Device, Depends(_device)]
SettingsDep = Annotated[AuthSettings, from_state("settings")]
SessionsDep = Annotated[Sessions, from_state("sessions")]
AccountsDep = Annotated[Accounts, from_state("accounts")]
PeopleDep = Annotated[People, from_state("people")]
