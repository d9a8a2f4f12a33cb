"""Uploads that can be resumed: parts are stored as they come, and joined when the last one is there (ADR 0010).

The parts are objects in the storage and rows in the database, so any process can take the next one. A row counts a part
only where it follows what is there: of two that claim the same place, one is refused.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import IO
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.errors import BadImage
from chat_service.files import names
from chat_service.files.service import Files, Upload
from chat_service.files.storage import Storage
from chat_service.messages.schemas import Attachment
from chat_service.settings import ChatSettings
from chat_service.uploads import queries
from chat_service.uploads.tus import OffsetConflict
from shared.clock import Clock, new_uuid, utc_now
from shared.database import Database, lock_people
from shared.errors import Conflict, NotFound, TooLarge, TooMany
from shared.rows import AnyRow

KEEP = timedelta(hours=24)
MAX_OPEN = 100
"""Uploads of one person that are still coming in."""
SETTLE_SECONDS = 3.0
PARTS_FOLDER = "parts"


class Incomplete(Conflict):
    """Not all bytes are here."""

    code = "incomplete"
    detail = "Some of this file is still missing."


class AlreadyFinished(Exception):
    """Somebody else has made a file of this upload meanwhile."""


def part_key(part_id: UUID) -> str:
    """Where a part's bytes are."""
    return f"{PARTS_FOLDER}/{part_id.hex[:2]}/{part_id.hex}"


class Uploads:
    """Takes files in part by part."""

    def __init__(
        self, database: Database, storage: Storage, files: Files, settings: ChatSettings, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._storage = storage
        self._files = files
        self._settings = settings
        self._clock = clock
        self._running: dict[UUID, asyncio.Event] = {}
        """Set when the bytes that came last for an upload are stored."""

    @property
    def max_bytes(self) -> int:
        """How large one file may be."""
        return self._settings.max_upload_bytes

    async def create(self, user_id: int, size: int, filename: str | None) -> AnyRow:
        """Begin an upload of so many bytes; the quota counts them all from now on."""
        upload_id = new_uuid()
        row = {
            "id": upload_id,
            "uploader_id": user_id,
            "filename": names.clean(filename),
            "size": size,
            "received": 0,
            "created_at": self._clock(),
        }
        async with self._database.transaction() as connection:
            await lock_people(connection, [user_id])  # those that begin together must not both fit
            if await queries.count_open(connection, user_id) >= MAX_OPEN:
                raise TooMany("Too many files are on their way. Finish or cancel some first.", retry_after=60)
            await self._files.require_room(connection, user_id, size)
            await queries.add(connection, row)
            return await self._mine(connection, user_id, upload_id)

    async def find(self, user_id: int, upload_id: UUID) -> AnyRow:
        """How far an upload of this person is, else `NotFound`."""
        async with self._database.read() as connection:
            return await self._mine(connection, user_id, upload_id)

    async def find_settled(self, user_id: int, upload_id: UUID) -> AnyRow:
        """`find`, once what a broken connection had brought is stored: else the client would send that again."""
        await self.find(user_id, upload_id)
        if (running := self._running.get(upload_id)) is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(SETTLE_SECONDS):
                    await running.wait()
        return await self.find(user_id, upload_id)

    async def append(self, user_id: int, upload_id: UUID, offset: int, pieces: AsyncIterator[bytearray]) -> AnyRow:
        """Store what comes, piece by piece; `OffsetConflict` unless it follows what is there."""
        upload = await self.find(user_id, upload_id)
        if offset != upload.received:
            raise OffsetConflict
        stored = self._running[upload_id] = asyncio.Event()
        try:
            async for piece in pieces:
                if offset + len(piece) > upload.size:
                    raise TooLarge("There are more bytes than were announced.")
                await self._append_part(upload_id, offset, piece)
                offset += len(piece)
        finally:
            stored.set()
            if self._running.get(upload_id) is stored:
                del self._running[upload_id]
        return await self.find(user_id, upload_id)

    async def _append_part(self, upload_id: UUID, start: int, content: bytearray) -> None:
        part_id = new_uuid()
        part = {"upload_id": upload_id, "start": start, "size": len(content), "part_id": part_id}
        key = part_key(part_id)
        try:
            await self._storage.put_bytes(key, content)
            async with self._database.transaction() as connection:
                if not await queries.advance(connection, part):
                    raise OffsetConflict
        except BaseException:
            self._storage.discard([key])
            raise

    async def cancel(self, user_id: int, upload_id: UUID) -> None:
        """Give an upload up."""
        await self.find(user_id, upload_id)
        await self._remove([upload_id])

    async def complete(self, user_id: int, upload_id: UUID) -> tuple[Attachment, bool]:
        """Make a file of an upload, once: asked again it is the same file, and the second value is False."""
        try:
            upload = await self.find(user_id, upload_id)
        except NotFound:
            return await self._finished(user_id, upload_id), False
        if upload.received < upload.size:
            raise Incomplete
        async with self._database.read() as connection:
            part_ids = [part.part_id for part in await queries.parts(connection, [upload_id])]
        try:
            attachment = await self._join(user_id, upload, part_ids)
        except (AlreadyFinished, FileNotFoundError):
            return await self._finished(user_id, upload_id), False
        except BadImage:
            await self._remove([upload_id])
            raise
        self._storage.discard(map(part_key, part_ids))
        return attachment, True

    async def _join(self, user_id: int, upload: AnyRow, part_ids: list[UUID]) -> Attachment:
        async def within(connection: AsyncConnection) -> None:
            if not await queries.remove(connection, [upload.id]):
                raise AlreadyFinished

        with tempfile.TemporaryFile() as whole:
            for part_id in part_ids:
                await self._copy(part_id, whole)
            (attachment,) = await self._files.keep(
                user_id, [Upload(upload.filename, upload.size, whole, upload.id)], within
            )
        return attachment

    async def _copy(self, part_id: UUID, target: IO[bytes]) -> None:
        key = part_key(part_id)
        async for chunk in self._storage.read(key, 0, await self._storage.size(key)):
            await asyncio.to_thread(target.write, chunk)

    async def _finished(self, user_id: int, upload_id: UUID) -> Attachment:
        async with self._database.read() as connection:
            attachment_id = await queries.find_finished(connection, upload_id, user_id)
        if attachment_id is None:
            raise NotFound("There is no such upload.")
        return await self._files.describe(attachment_id)

    async def sweep(self, limit: int) -> None:
        """Give up what was begun long ago."""
        async with self._database.read() as connection:
            expired = await queries.find_expired(connection, self._clock() - KEEP, limit)
        if expired:
            await self._remove(expired)

    def expiry(self, upload: AnyRow) -> datetime:
        """Until when the rest has to be here."""
        expires: datetime = upload.created_at + KEEP
        return expires

    async def _remove(self, upload_ids: list[UUID]) -> None:
        async with self._database.transaction() as connection:
            part_ids = [part.part_id for part in await queries.parts(connection, upload_ids)]
            await queries.remove(connection, upload_ids)
        self._storage.discard(map(part_key, part_ids))

    async def _mine(self, connection: AsyncConnection, user_id: int, upload_id: UUID) -> AnyRow:
        upload = await queries.find(connection, upload_id, user_id)
        if upload is None:
            raise NotFound("There is no such upload.")
        return upload
