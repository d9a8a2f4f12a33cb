"""What routes of chat_service ask for, as annotated aliases, so that a route reads as a sentence."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from chat_service.conversations.service import Conversations
from chat_service.files.access import FileAccess
from chat_service.files.service import Files
from chat_service.files.storage import Storage
from chat_service.journal.service import Sync
from chat_service.messages.service import Messages
from chat_service.search.service import Search
from shared.security import current_user
from shared.tokens import Claims


@dataclass(frozen=True)
class Services:
    """Everything that routes use, made in `main.py` and kept in `app.state.services`."""

    messages: Messages
    conversations: Conversations
    files: Files
    file_access: FileAccess
    storage: Storage
    search: Search
    sync: Sync


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


_ServicesDep = Annotated[Services, Depends(_services)]


def _messages(services: _ServicesDep) -> Messages:
    return services.messages


def _conversations(services: _ServicesDep) -> Conversations:
    return services.conversations


def _files(services: _ServicesDep) -> Files:
    return services.files


def _file_access(services: _ServicesDep) -> FileAccess:
    return services.file_access


def _storage(services: _ServicesDep) -> Storage:
    return services.storage


def _search(services: _ServicesDep) -> Search:
    return services.search


def _sync(services: _ServicesDep) -> Sync:
    return services.sync


CurrentUser = Annotated[Claims, Depends(current_user)]
MessagesDep = Annotated[Messages, Depends(_messages)]
ConversationsDep = Annotated[Conversations, Depends(_conversations)]
FilesDep = Annotated[Files, Depends(_files)]
FileAccessDep = Annotated[FileAccess, Depends(_file_access)]
StorageDep = Annotated[Storage, Depends(_storage)]
SearchDep = Annotated[Search, Depends(_search)]
SyncDep = Annotated[Sync, Depends(_sync)]
