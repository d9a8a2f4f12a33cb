"""What is in the folder and in the database, past the service; and the sweep, at another time."""

import asyncio
import hashlib
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from chat_service.files.service import Files, original_key, thumbnail_key
from chat_service.files.storage import open_storage
from chat_service.settings import ChatSettings
from chat_service.uploads.service import Uploads, part_key
from chat_service.uploads.sweeper import Sweeper
from shared.database import Database

DAYS = timedelta(days=2)


class Remains:
    """Of one process on SQLite with a folder."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._folder = data_dir / "files"

    @property
    def url(self) -> str:
        """The folder as STORAGE_URL has it."""
        return f"file://{self._folder}"

    def on_disk(self) -> set[str]:
        """Every file of the folder, whatever it is called."""
        return {str(path.relative_to(self._folder)) for path in self._folder.rglob("*") if path.is_file()}

    def expected(self) -> set[str]:
        """The keys that rows refer to."""
        keys = {part_key(UUID(str(part))) for (part,) in self.select("SELECT part_id FROM upload_parts")}
        for file_id, has_thumbnail in self.select("SELECT id, has_thumbnail FROM attachments"):
            keys.add(original_key(UUID(str(file_id))))
            if has_thumbnail:
                keys.add(thumbnail_key(UUID(str(file_id))))
        return keys

    def broken(self) -> list[str]:
        """Rows whose bytes are not there, or not all, or others."""
        found = []
        for file_id, size, sha256 in self.select("SELECT id, size, sha256 FROM attachments"):
            content = self._content(original_key(UUID(str(file_id))))
            if content is None or len(content) != size or hashlib.sha256(content).hexdigest() != sha256:
                found.append(f"file {file_id}")
        for part_id, size in self.select("SELECT part_id, size FROM upload_parts"):
            content = self._content(part_key(UUID(str(part_id))))
            if content is None or len(content) != size:
                found.append(f"part {part_id}")
        counted = "SELECT u.id FROM uploads u LEFT JOIN upload_parts p ON p.upload_id = u.id GROUP BY u.id"
        found += [
            f"upload {each}" for (each,) in self.select(f"{counted} HAVING u.received != coalesce(sum(p.size), 0)")
        ]
        return found

    def grow_old(self) -> None:
        """All files were written two days ago."""
        before = datetime.now(UTC).timestamp() - DAYS.total_seconds()
        for name in self.on_disk():
            os.utime(self._folder / name, (before, before))

    def sweep(self, clock: Callable[[], datetime]) -> None:
        """What the service does once an hour, at that time."""
        asyncio.run(self._sweep(clock))

    async def _sweep(self, clock: Callable[[], datetime]) -> None:
        settings = ChatSettings(data_dir=self._data_dir, _env_file=None)
        database = Database(settings.resolved_database_url)
        storage = open_storage(settings.resolved_storage_url)
        files = Files(database, storage, settings, clock)
        uploads = Uploads(database, storage, files, settings, clock)
        try:
            await Sweeper(database, storage, files, uploads, clock).sweep()
        finally:
            await files.close()
            await database.close()

    def _content(self, key: str) -> bytes | None:
        path = self._folder / key
        return path.read_bytes() if path.exists() else None

    def select(self, query: str) -> list[tuple[object, ...]]:
        """What the database itself says."""
        with closing(sqlite3.connect(self._data_dir / "communication.sqlite3")) as connection:
            return connection.execute(query).fetchall()
