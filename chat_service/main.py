"""The composition root of chat_service: everything is made here and handed on; nothing runs at import."""

from chat_service.conversations.profiles import ProfileAnnouncer
from chat_service.conversations.router import router as conversations_router
from chat_service.conversations.service import Conversations
from chat_service.exports.router import router as exports_router
from chat_service.exports.service import Exports
from chat_service.files.access import FileAccess
from chat_service.files.delivery import Delivery
from chat_service.files.router import router as files_router
from chat_service.files.service import Files
from chat_service.files.storage import open_storage
from chat_service.journal.journal import Journal
from chat_service.journal.router import router as sync_router
from chat_service.journal.service import Sync
from chat_service.messages.router import router as messages_router
from chat_service.messages.schemas import MAX_ATTACHMENTS
from chat_service.messages.service import Messages
from chat_service.preferences.router import router as preferences_router
from chat_service.preferences.service import PreferencesService
from chat_service.realtime.dispatch import Dispatch
from chat_service.realtime.endpoint import socket_router
from chat_service.realtime.frames_schema import install_frame_schemas
from chat_service.realtime.hub import Hub
from chat_service.realtime.presence import Presence
from chat_service.realtime.typing import Typing
from chat_service.search.index import SearchIndex
from chat_service.search.router import router as search_router
from chat_service.search.service import Search
from chat_service.settings import ChatSettings
from chat_service.uploads.router import router as uploads_router
from chat_service.uploads.router import tus_router
from chat_service.uploads.service import Uploads
from chat_service.uploads.sweeper import Sweeper
from shared.bus import Bus, create_bus
from shared.clock import Clock, utc_now
from shared.database import Database
from shared.revocation import Revocations
from shared.service import Blueprint, Service, assemble
from shared.tokens import Tokens, load_key_ring

PREFIX = "/api/chat"
MAX_BODY_BYTES = 256 * 1024
MULTIPART_OVERHEAD = 1024 * 1024


def create_app(
    settings: ChatSettings, *, database: Database | None = None, bus: Bus | None = None, clock: Clock = utc_now
) -> Service:
    """The service for these settings. A database or bus that is passed in is its owner's to start and stop."""
    own_database, own_bus = database is None, bus is None
    database = database or Database(settings.resolved_database_url, pool_size=settings.database_pool_size)
    bus = bus or create_bus(settings.resolved_redis_url)
    tokens = Tokens(load_key_ring(settings), clock)
    revocations = Revocations(database, bus, clock)
    journal = Journal(database, bus, clock)
    storage = open_storage(settings.resolved_storage_url)
    files, file_access = Files(database, storage, settings, clock), FileAccess(tokens)
    uploads = Uploads(database, storage, files, settings, clock)
    hub, presence = Hub(database, bus), Presence(database, bus, clock)
    messages, conversations, sync = Messages(database, journal), Conversations(database, journal), Sync(database)
    dispatch = Dispatch(
        messages,
        conversations,
        presence,
        Typing(database, bus, hub),
        tokens,
        revocations,
        limited=settings.rate_limits == "on",
    )
    for listener in (hub.on_committed, files.on_committed, presence.on_committed):
        journal.on_committed(listener)
    revocations.on_ended(hub.close_session)
    announcer = ProfileAnnouncer(database, journal, bus)
    search_index = SearchIndex(database)
    sweeper = Sweeper(database, storage, files, uploads, clock)

    service = assemble(
        Blueprint(
            title="Communication: chat_service",
            description="Messages, files and sockets between two people. The socket's frames are listed as webhooks.",
            prefix=PREFIX,
            routers=(
                socket_router(hub, dispatch, sync, presence, revocations),  # first: thousands come back at once
                conversations_router,
                messages_router,
                tus_router,
                uploads_router,
                files_router,
                search_router,
                preferences_router,
                exports_router,
                sync_router,
            ),
            state={
                "messages": messages,
                "conversations": conversations,
                "files": files,
                "uploads": uploads,
                "file_access": file_access,
                "delivery": Delivery(storage, by_gateway=settings.accel_redirect == "on"),
                "search": Search(database),
                "preferences": PreferencesService(database),
                "exports": Exports(database, storage),
                "sync": sync,
            },
            parts=(revocations, journal, hub, presence, announcer, sweeper, search_index, *((bus,) if own_bus else ())),
            close=(*((database.close,) if own_database else ()), files.close),
            tokens=tokens,
            revocations=revocations,
            database=database,
            bus=bus,
            allowed_origins=settings.allowed_origins,
            other_credentials=file_access.credentials,
            max_body_bytes=MAX_BODY_BYTES,
            larger_bodies={
                "/api/files/upload": MAX_ATTACHMENTS * settings.max_upload_bytes + MULTIPART_OVERHEAD,
                "/api/files/uploads/": settings.max_upload_bytes,
            },
        )
    )
    install_frame_schemas(service.api)
    return service
