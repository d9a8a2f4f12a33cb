"""Taking files in, and saying who may have them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.errors import QuotaExceeded
from chat_service.files import names, queries
from chat_service.files.inspection import Inspected, Inspection
from chat_service.files.schemas import Limits
from chat_service.files.storage import Storage
from chat_service.journal.journal import Committed
from chat_service.journal.loading import attachments
from chat_service.journal.state import AttachmentState
from chat_service.messages.schemas import MAX_ATTACHMENTS, Attachment
from chat_service.models import AttachmentRow
from chat_service.settings import ChatSettings
from shared.background import give_way
from shared.clock import Clock, new_uuid, utc_now
from shared.database import Database, lock_people
from shared.errors import NotFound, TooLarge

INSPECTION_THREADS = 2  # one can wait for an image while the other hashes
THUMBNAIL_TYPE = "image/webp"


Within = Callable[[AsyncConnection], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in."""

    filename: str | None
    size: int
    source: IO[bytes]
    id: UUID | None = None
    """If it came in parts: see `chat_service.uploads`."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What a download needs to know."""

    key: str
    filename: str
    content_type: str
    size: int
    etag: str


def original_key(attachment_id: UUID) -> str:
    """Where a file's bytes are."""
    return f"{attachment_id.hex[:2]}/{attachment_id.hex}"


def thumbnail_key(attachment_id: UUID) -> str:
    """Where its thumbnail is."""
    return f"{original_key(attachment_id)}.thumbnail"


def _keys(ids: Iterable[UUID]) -> list[str]:
    return [key for attachment_id in ids for key in (original_key(attachment_id), thumbnail_key(attachment_id))]


class Files:
    """Files of messages: bytes first, then their rows; rows away first, then their bytes."""

    def __init__(self, database: Database, storage: Storage, settings: ChatSettings, clock: Clock = utc_now) -> None:
        self._database = database
        self._storage = storage
        self._settings = settings
        self._clock = clock
        self._inspection = Inspection()
        self._threads = ThreadPoolExecutor(INSPECTION_THREADS, "inspection", initializer=give_way)

    async def upload(self, user_id: int, uploads: Sequence[Upload]) -> list[Attachment]:
        """Store files, all or none: `TooLarge`, `QuotaExceeded` or `BadImage` refuse the whole request."""
        if any(upload.size > self._settings.max_upload_bytes for upload in uploads):
            raise TooLarge(f"A file has at most {self._settings.max_upload_bytes} bytes.")
        async with self._database.read() as connection:  # before any work; the answer that counts is in `_store`
            await self.require_room(connection, user_id, sum(upload.size for upload in uploads))
        return await self.keep(user_id, uploads)

    async def keep(self, user_id: int, uploads: Sequence[Upload], within: Within | None = None) -> list[Attachment]:
        """Inspect and store files, all or none. `within` is called in the transaction that makes their rows."""
        inspected: list[Inspected] = []
        try:
            for upload in uploads:
                inspected.append(await self._inspect(upload.source))  # noqa: PERF401 -- kept one by one, to close them all
            return await self._store(user_id, uploads, inspected, within)
        finally:
            for file in inspected:
                file.close()

    async def require_room(self, connection: AsyncConnection, user_id: int, more: int) -> None:
        """`QuotaExceeded` if so many more bytes are too many."""
        if await queries.used_bytes(connection, user_id) + more > self._settings.user_quota_bytes:
            raise QuotaExceeded

    async def _inspect(self, source: IO[bytes]) -> Inspected:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._inspection.inspect, source)

    async def _store(
        self, user_id: int, uploads: Sequence[Upload], inspected: Sequence[Inspected], within: Within | None
    ) -> list[Attachment]:
        rows = [self._row(user_id, upload, file) for upload, file in zip(uploads, inspected, strict=True)]
        try:
            for row, file in zip(rows, inspected, strict=True):
                await self._storage.put(original_key(row["id"]), file.content)
                if file.thumbnail is not None:
                    await self._storage.put(thumbnail_key(row["id"]), file.thumbnail)
            async with self._database.transaction() as connection:
                await lock_people(connection, [user_id])  # uploads of one person that end together must not both fit
                if within is not None:
                    await within(connection)
                await self.require_room(connection, user_id, sum(row["size"] for row in rows))
                await queries.add_attachments(connection, rows)
        except BaseException:
            self._discard(row["id"] for row in rows)
            raise
        unused = ("position", "sha256", "upload_id", "created_at")
        return [AttachmentState(**{k: v for k, v in row.items() if k not in unused}).view() for row in rows]

    def _row(self, user_id: int, upload: Upload, file: Inspected) -> dict[str, Any]:
        return {
            "id": new_uuid(),
            "uploader_id": user_id,
            "message_id": None,
            "position": 0,
            "filename": names.fitting(names.clean(upload.filename), file.content_type),
            "content_type": file.content_type,
            "size": file.size,
            "sha256": file.sha256,
            "width": file.width,
            "height": file.height,
            "has_thumbnail": file.thumbnail is not None,
            "upload_id": upload.id,
            "created_at": self._clock(),
        }

    async def limits(self, user_id: int) -> Limits:
        """What this person may upload."""
        async with self._database.read() as connection:
            used = await queries.used_bytes(connection, user_id)
        return Limits(
            max_upload_bytes=self._settings.max_upload_bytes,
            max_files=MAX_ATTACHMENTS,
            quota_bytes=self._settings.user_quota_bytes,
            used_bytes=used,
        )

    async def describe(self, attachment_id: UUID) -> Attachment:
        """A file as clients see it, or `NotFound`."""
        async with self._database.read() as connection:
            found = await attachments(connection, AttachmentRow.id == attachment_id)
        if not found:
            raise NotFound("There is no such file.")
        return found[0].view()

    async def find(self, user_id: int, attachment_id: UUID, *, thumbnail: bool) -> StoredFile:
        """A file that this person may have, else `NotFound`."""
        async with self._database.read() as connection:
            row = await queries.find_visible(connection, attachment_id, user_id)
        if row is None or (thumbnail and not row.has_thumbnail):
            raise NotFound("There is no such file.")
        key = thumbnail_key(attachment_id) if thumbnail else original_key(attachment_id)
        try:
            size = await self._storage.size(key)
        except FileNotFoundError:  # its message is being deleted
            raise NotFound("There is no such file.") from None
        etag = row.sha256[:32]
        if thumbnail:
            return StoredFile(key, f"{row.filename}.webp", THUMBNAIL_TYPE, size, f'"{etag}-t"')
        return StoredFile(key, row.filename, row.content_type, size, f'"{etag}"')

    def on_committed(self, committed: Committed) -> None:
        """Remove the bytes of files whose message was deleted; without their rows nobody can ask for them."""
        self._discard(attachment.id for attachment in committed.state.removed_attachments)

    async def remove(self, ids: Sequence[UUID]) -> None:
        """Remove bytes that no row refers to."""
        for key in _keys(ids):
            await self._storage.delete(key)

    def _discard(self, ids: Iterable[UUID]) -> None:
        if keys := _keys(ids):
            self._storage.discard(keys)

    async def close(self) -> None:
        """Finish removals and end the threads."""
        await self._storage.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._inspection.close)
