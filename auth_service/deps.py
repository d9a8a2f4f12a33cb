"""What routes of auth_service ask for, as annotated aliases, so that a route reads as a sentence."""

from typing import Annotated

from fastapi import Depends, Request

from auth_service.accounts.service import Accounts
from auth_service.people.service import People
from auth_service.sessions.service import Device, Sessions
from auth_service.settings import AuthSettings
from shared.middleware import client_address
from shared.security import current_user
from shared.tokens import Claims

MAX_USER_AGENT = 300


def _settings(request: Request) -> AuthSettings:
    settings: AuthSettings = request.app.state.settings
    return settings


def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions


def _accounts(request: Request) -> Accounts:
    accounts: Accounts = request.app.state.accounts
    return accounts


def _people(request: Request) -> People:
    people: People = request.app.state.people
    return people


def _device(request: Request) -> Device:
    agent = request.headers.get("user-agent", "").replace("\x00", "")[:MAX_USER_AGENT]
    return Device(ip=client_address(request.scope), user_agent=agent)


CurrentUser = Annotated[Claims, Depends(current_user)]
SettingsDep = Annotated[AuthSettings, Depends(_settings)]
SessionsDep = Annotated[Sessions, Depends(_sessions)]
DeviceDep = Annotated[Device, Depends(_device)]
AccountsDep = Annotated[Accounts, Depends(_accounts)]
PeopleDep = Annotated[People, Depends(_people)]
