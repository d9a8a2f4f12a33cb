"""Hot paths ask few questions, and none of them reads a great table from end to end."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from auth_service.main import create_app
from auth_service.passwords import Passwords
from auth_service.sessions.service import Device, Sessions
from auth_service.settings import AuthSettings
from bench.postgres import connected
from bench.seed import COMMON, FRIEND, ME, MISSING, RARE
from chat_service.conversations.service import Conversations
from chat_service.exports import queries as exports
from chat_service.journal.journal import Journal
from chat_service.journal.service import Position, Sync
from chat_service.messages.commands import Delete, Edit, React, Send
from chat_service.messages.service import Messages
from chat_service.search.service import Search
from shared.bus import LocalBus
from shared.clock import utc_now
from shared.database import Database
from tests.harness.postgres import Postgres
from tests.statements.recorder import recorded
from tests.statements.seeded import MESSAGES, PEOPLE, fill

DEVICE = Device(ip="192.0.2.1", user_agent="test")
PASSWORD = "correct horse battery"
MIDDLE = MESSAGES // 2


@dataclass
class World:
    """Both services' parts on one database."""

    database: Database
    journal: Journal
    auth_settings: AuthSettings
    epoch: UUID
    head: int
    refresh_token: str = ""

    @cached_property
    def auth(self) -> Any:
        return create_app(self.auth_settings, database=self.database, bus=LocalBus()).api.state

    @property
    def messages(self) -> Messages:
        return Messages(self.database, self.journal)

    @property
    def conversations(self) -> Conversations:
        return Conversations(self.database, self.journal)

    @property
    def sessions(self) -> Sessions:
        sessions: Sessions = self.auth.sessions
        return sessions

    async def history(self, **where: int | None) -> object:
        given = {"before": None, "after": None, "around": None, **where}
        return await self.messages.history(ME, FRIEND, limit=50, **given)

    async def sync(self, missed: int) -> object:
        return await Sync(self.database).page(ME, Position(self.head - missed, self.epoch), 500)

    async def search(self, query: str, me: int = ME, peer_id: int | None = None) -> object:
        return await Search(self.database).find(me, query, peer_id=peer_id, cursor=None, limit=20)

    async def send(self, count: int = 1) -> object:
        sends = (Send(ME, FRIEND, "the same text", uuid4()) for _ in range(count))
        return await asyncio.gather(*(self.journal.submit(send) for send in sends))

    async def export(self) -> None:
        async with self.database.read() as connection:
            await exports.read_account(connection, ME)
            await exports.read_peers(connection, ME)
            await exports.read_files(connection, ME, None, 500)

    async def sign_in(self) -> None:
        self.refresh_token = (await self.sessions.sign_in("person1", PASSWORD, DEVICE)).refresh_token

    async def refresh(self) -> None:
        if not self.refresh_token:
            await self.sign_in()
        self.refresh_token = (await self.sessions.refresh(self.refresh_token, DEVICE)).refresh_token


@pytest.fixture(scope="module")
def seeded() -> Iterator[str]:
    # Not in pytest's own folder: it shuts others out of it, and PostgreSQL runs as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="communication-statements-"))
    with Postgres(folder / "postgres", fsync=False) as postgres:
        url = fill(postgres, folder, "statements")
        asyncio.run(_set_password(url))
        yield url
    shutil.rmtree(folder, ignore_errors=True)


async def _set_password(url: str) -> None:
    passwords = Passwords()
    async with connected(url.replace("+asyncpg", "")) as connection:
        statement = "UPDATE users SET password_hash = $1 WHERE id = $2"
        await connection.execute(statement, await passwords.hash(PASSWORD), ME)
    passwords.close()


@pytest.fixture
async def world(seeded: str, tmp_path: Path) -> AsyncIterator[World]:
    async with connected(seeded.replace("+asyncpg", "")) as connection:
        epoch = await connection.fetchval("SELECT epoch FROM journal_epoch")
        head = await connection.fetchval("SELECT max(seq) FROM journal_events WHERE user_id = $1", ME)
    database = Database(seeded)
    settings = AuthSettings(data_dir=tmp_path, database_url=seeded, rate_limits="off")
    journal = Journal(database, LocalBus())
    world = World(database, journal, settings, UUID(str(epoch)), head)
    await journal.start()
    yield world
    await journal.stop()
    await database.close()


Question = Callable[[World], Awaitable[object]]
QUESTIONS: dict[str, Question] = {
    "newest": World.history,
    "before": lambda world: world.history(before=MIDDLE),
    "after": lambda world: world.history(after=MIDDLE),
    "around": lambda world: world.history(around=MIDDLE),
    "date": lambda world: world.conversations.first_since(ME, FRIEND, utc_now() - timedelta(days=3)),
    "sync": lambda world: world.sync(50),
    "conversations": lambda world: world.conversations.list_page(ME, None, 50),
    "conversation": lambda world: world.conversations.list_page(ME, None, 50, FRIEND),
    "search common": lambda world: world.search(COMMON),
    "search rare": lambda world: world.search(RARE),
    "search missing": lambda world: world.search(MISSING),
    "search two letters": lambda world: world.search("на"),
    "search of a person with little": lambda world: world.search("zq", me=1_000),
    "search in a conversation": lambda world: world.search("zq", peer_id=1_000),
    "send": World.send,
    "edit": lambda world: world.journal.submit(Edit(ME, 4, "another text", None)),
    "react": lambda world: world.journal.submit(React(ME, 4, "👍", True)),
    "delete": lambda world: world.journal.submit(Delete(ME, 8)),
    "export": World.export,
    "login": World.sign_in,
    "refresh": World.refresh,
    "sessions": lambda world: world.sessions.living(ME, uuid4()),
    "people": lambda world: world.auth.people.search(ME, "", None, 50),
    "person": lambda world: world.auth.people.get(PEOPLE),
}


@pytest.mark.parametrize("name", QUESTIONS)
async def test_no_great_table_is_read_from_end_to_end(world: World, name: str) -> None:
    with recorded(world.database) as recorder:
        await QUESTIONS[name](world)
    assert recorder.statements
    assert await recorder.great_scans() == []


COUNTS: dict[str, tuple[Question, int]] = {
    "send": (World.send, 1),
    "50 equal sends at once": (lambda world: world.send(50), 1),
    "login": (World.sign_in, 2),
    "refresh": (World.refresh, 1),
    "conversations": (QUESTIONS["conversations"], 6),
    "newest": (QUESTIONS["newest"], 5),
    "around": (QUESTIONS["around"], 6),
    "sync": (QUESTIONS["sync"], 5),
    "search common": (QUESTIONS["search common"], 5),
    "search rare": (QUESTIONS["search rare"], 7),  # one more for a history eight times as long
}


@pytest.mark.parametrize("name", COUNTS)
async def test_hot_paths_ask_no_more_than_they_need(world: World, name: str) -> None:
    ask, count = COUNTS[name]
    await ask(world)  # the first refresh signs in
    with recorded(world.database) as recorder:
        await ask(world)
    assert len(recorder.statements) == count, [statement for statement, _ in recorder.statements]
