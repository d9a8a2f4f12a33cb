"""Cleaning up: files that were uploaded and never sent, and bytes that a crash left without a row."""

import time
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from chat_service.files import queries
from chat_service.files.service import Files, original_key, thumbnail_key
from chat_service.files.storage import Storage
from shared.background import Repeating
from shared.clock import Clock, utc_now
from shared.database import Database

KEEP = timedelta(hours=24)
SWEEP_SECONDS = 3600.0
BATCH = 500


class Sweeper:
    """Runs once an hour, and in any number of processes at once."""

    def __init__(self, database: Database, storage: Storage, files: Files, clock: Clock = utc_now) -> None:
        self._database = database
        self._storage = storage
        self._files = files
        self._clock = clock
        self._sweeping = Repeating("file sweep", self.sweep, every=SWEEP_SECONDS)

    async def start(self) -> None:
        """Begin to sweep."""
        await self._sweeping.start()

    async def stop(self) -> None:
        """Stop to sweep."""
        await self._sweeping.stop()

    async def sweep(self) -> None:
        """Remove what nobody can ask for any more."""
        async with self._database.transaction() as connection:
            abandoned = await queries.delete_abandoned(connection, self._clock() - KEEP, BATCH)
        await self._files.remove(abandoned)
        orphans: dict[UUID, list[str]] = {}
        async for key, written in self._storage.keys():
            attachment_id = _id_of(key)
            if attachment_id is not None and written < time.time() - KEEP.total_seconds():
                orphans.setdefault(attachment_id, []).append(key)
            if len(orphans) >= BATCH:
                await self._remove_orphans(orphans)
                orphans = {}
        await self._remove_orphans(orphans)

    async def _remove_orphans(self, candidates: dict[UUID, list[str]]) -> None:
        if candidates:
            async with self._database.read() as connection:
                known = await queries.known_ids(connection, list(candidates))
            await self._files.remove([attachment_id for attachment_id in candidates if attachment_id not in known])


def _id_of(key: str) -> UUID | None:
    with suppress(ValueError):
        attachment_id = UUID(key.rpartition("/")[2].removesuffix(".thumbnail"))
        if key in (original_key(attachment_id), thumbnail_key(attachment_id)):
            return attachment_id
    return None
