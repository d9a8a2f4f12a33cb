"""Cleaning up: files never sent, uploads never finished, and bytes that a crash left without a row."""

import time
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from chat_service.files import queries
from chat_service.files.service import Files, original_key, thumbnail_key
from chat_service.files.storage import Storage
from chat_service.uploads.queries import known_parts
from chat_service.uploads.service import Uploads, part_key
from shared.background import Repeating
from shared.clock import Clock, utc_now
from shared.database import Database

KEEP = timedelta(hours=24)
SWEEP_SECONDS = 3600.0
BATCH = 500


class Sweeper:
    """Runs once an hour, and in any number of processes at once."""

    def __init__(
        self, database: Database, storage: Storage, files: Files, uploads: Uploads, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._storage = storage
        self._files = files
        self._uploads = uploads
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
        await self._uploads.sweep(BATCH)
        await self._storage.remove_unfinished(time.time() - KEEP.total_seconds())
        candidates: dict[str, UUID] = {}
        async for key, written in self._storage.keys():
            if written < time.time() - KEEP.total_seconds() and (object_id := _id_of(key)):
                candidates[key] = object_id
            if len(candidates) >= BATCH:
                await self._remove_orphans(candidates)
                candidates = {}
        await self._remove_orphans(candidates)

    async def _remove_orphans(self, candidates: dict[str, UUID]) -> None:
        if not candidates:
            return
        ids = list(set(candidates.values()))
        async with self._database.read() as connection:
            known = await queries.known_ids(connection, ids) | await known_parts(connection, ids)
        for key, object_id in candidates.items():
            if object_id not in known:
                await self._storage.delete(key)


def _id_of(key: str) -> UUID | None:
    """Whose bytes these are: a file's, its thumbnail's or an upload's part. None for what is not ours."""
    with suppress(ValueError):
        object_id = UUID(key.rpartition("/")[2].removesuffix(".thumbnail"))
        if key in (original_key(object_id), thumbnail_key(object_id), part_key(object_id)):
            return object_id
    return None
