"""Everything about me in one archive: profile, conversations and files."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing

from chat_service.exports import queries
from chat_service.exports.archive import Archive
from chat_service.files.service import original_key
from chat_service.files.storage import Storage
from chat_service.messages import queries as history
from chat_service.messages.schemas import Message
from shared.database import Database
from shared.errors import TooMany
from shared.rows import AnyRow
from shared.schemas import Schema, User
from shared.users import load_users

PAGE = 500
MAX_AT_ONCE = 2
"""Exports that one process makes at the same time; they are long, and nobody needs one in a hurry."""
JSON_LINE = b"\n"


class Account(User):
    """My profile."""

    email: str | None


class Exports:
    """Makes archives while they are read."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage
        self._running: set[int] = set()

    def start(self, user_id: int) -> AsyncGenerator[bytes]:
        """The bytes of my archive; `TooMany` when one is being made already, or too many for others."""
        if user_id in self._running or len(self._running) >= MAX_AT_ONCE:
            raise TooMany("An export is being made. Please try again in a while.", retry_after=30)
        self._running.add(user_id)
        return self._archive(user_id)

    def end(self, user_id: int) -> None:
        """The archive was read, or nobody reads it any more."""
        self._running.discard(user_id)

    async def _archive(self, user_id: int) -> AsyncGenerator[bytes]:
        archive = Archive()
        async with aclosing(self._entries(archive, user_id)) as chunks:
            async for chunk in chunks:
                if chunk:
                    yield chunk
        for chunk in archive.finish():
            yield chunk

    async def _entries(self, archive: Archive, user_id: int) -> AsyncGenerator[bytes]:
        async with self._database.read() as connection:
            account = Account.model_validate(await queries.read_account(connection, user_id))
            peers = await queries.read_peers(connection, user_id)
            people = await load_users(connection, peers)
        async for chunk in archive.add("profile.json", _lines([account]), compressed=True):
            yield chunk
        async for chunk in archive.add("people.jsonl", _lines(people.values()), compressed=True):
            yield chunk
        for peer_id in peers:
            name = f"conversations/{peer_id}.jsonl"
            async for chunk in archive.add(name, self._messages(user_id, peer_id), compressed=True):
                yield chunk
        async for row in self._files(user_id):
            try:
                size = await self._storage.size(original_key(row.id))
            except FileNotFoundError:  # its message was deleted meanwhile
                continue
            content = self._storage.read(original_key(row.id), 0, size)
            async for chunk in archive.add(f"files/{row.id}/{row.filename}", content, compressed=False):
                yield chunk

    async def _messages(self, user_id: int, peer_id: int) -> AsyncGenerator[bytes]:
        last = 0
        while True:
            async with self._database.read() as connection:
                page = await history.after(connection, history.between(user_id, peer_id), last, PAGE)
            async for line in _lines(message.view() for message in page.messages):
                yield line
            if not page.more_after:
                return
            last = page.messages[-1].id

    async def _files(self, user_id: int) -> AsyncIterator[AnyRow]:
        last = None
        while True:
            async with self._database.read() as connection:
                rows = await queries.read_files(connection, user_id, last, PAGE)
            for row in rows:
                yield row
            if len(rows) < PAGE:
                return
            last = rows[-1].id


async def _lines(items: Iterable[Schema | Message]) -> AsyncGenerator[bytes]:
    for item in items:
        yield item.model_dump_json().encode() + JSON_LINE
