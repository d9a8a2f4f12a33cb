"""What routes of chat_service ask for, as annotated aliases, so that a route reads as a sentence."""

from typing import Annotated

from fastapi import Depends

from chat_service.conversations.service import Conversations
from chat_service.exports.service import Exports
from chat_service.files.access import FileAccess
from chat_service.files.delivery import Delivery
from chat_service.files.service import Files
from chat_service.journal.service import Sync
from chat_service.messages.service import Messages
from chat_service.preferences.service import PreferencesService
from chat_service.search.service import Search
from chat_service.uploads.service import Uploads
from shared.security import current_user
from shared.service import from_state
from shared.tokens import Claims

CurrentUser = Annotated[Claims, Depends(current_user)]
MessagesDep = Annotated[Messages, from_state("messages")]
ConversationsDep = Annotated[Conversations, from_state("conversations")]
PreferencesDep = Annotated[PreferencesService, from_state("preferences")]
ExportsDep = Annotated[Exports, from_state("exports")]
FilesDep = Annotated[Files, from_state("files")]
UploadsDep = Annotated[Uploads, from_state("uploads")]
FileAccessDep = Annotated[FileAccess, from_state("file_access")]
DeliveryDep = Annotated[Delivery, from_state("delivery")]
SearchDep = Annotated[Search, from_state("search")]
SyncDep = Annotated[Sync, from_state("sync")]
