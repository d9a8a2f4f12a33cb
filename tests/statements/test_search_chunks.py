"""Search over chunks on PostgreSQL: it finds what a look at every text finds, while messages come, change and go."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from bench.people import add_people_on_postgres
from bench.postgres import connected
from chat_service.journal.journal import Journal
from chat_service.messages.commands import Delete, Edit, Send
from chat_service.search import chunks, queries
from chat_service.search.index import SearchIndex
from chat_service.search.service import Search
from shared.bus import LocalBus
from shared.database import Database
from tests.harness.postgres import Postgres
from tests.harness.servers import migrate

PEOPLE = 5
WORDS = ("вокзал", "зустріч", "на", "coffee", "100%", "c_d", "a\\b", "会議は三時")
FRAGMENTS = (*WORDS, "окза", "устрі", "off", "0%", "c", "\\", "三時", "nowhere")
SEEDS = range(6)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    # Not in pytest's own folder, as in `test_statements`.
    folder = Path(tempfile.mkdtemp(prefix="communication-search-"))
    try:
        with Postgres(folder / "postgres", fsync=False) as running:
            running.create_database("template")
            migrate(running.url("template"), folder)
            asyncio.run(add_people_on_postgres(running.url("template", "postgresql"), PEOPLE))
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (chunks, queries):
        monkeypatch.setattr(module, "BLOCK", 8)
    monkeypatch.setattr(chunks, "MESSAGES", 3)
    monkeypatch.setattr(queries, "FIRST_BLOCKS", 1)
    monkeypatch.setattr(queries, "WIDER", 2)


@pytest.fixture
async def dsn(server: Postgres, request: pytest.FixtureRequest) -> str:
    name = f"search_{abs(hash(request.node.name))}"
    async with connected(server.url("postgres", "postgresql")) as connection:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE template")
    return server.url(name)


@dataclass
class Process:
    """What a chat process has of this."""

    database: Database
    journal: Journal
    index: SearchIndex


@pytest.fixture
async def processes(dsn: str) -> AsyncIterator[list[Process]]:
    databases = [Database(dsn) for _ in range(2)]
    found = [Process(database, Journal(database, LocalBus()), SearchIndex(database)) for database in databases]
    for process in found:
        await process.journal.start()
    yield found
    for process in found:
        await process.journal.stop()
        await process.database.close()


@dataclass
class Story:
    """People who talk at random, and what each of their messages says now."""

    processes: list[Process]
    random: Random
    texts: dict[int, tuple[int, int, str]] = field(default_factory=dict)

    async def go_on(self, steps: int) -> None:
        for _ in range(steps):
            step = self.random.choice([self._send, self._send, self._send, self._edit, self._delete, self._add])
            await step()

    def _a_process(self) -> Process:
        return self.random.choice(self.processes)

    def _a_text(self) -> str:
        return " ".join(self.random.choices(WORDS, k=self.random.randint(1, 3)))

    async def _send(self) -> None:
        one, other, text = self.random.randint(1, PEOPLE), self.random.randint(1, PEOPLE), self._a_text()
        client_id = UUID(int=self.random.getrandbits(128), version=4)
        sent = await self._a_process().journal.submit(Send(one, other, text, client_id))
        self.texts[sent.message.id] = (one, other, text)

    async def _edit(self) -> None:
        if self.texts:
            id_, text = self.random.choice([*self.texts]), self._a_text()
            one, other, _ = self.texts[id_]
            await self._a_process().journal.submit(Edit(one, id_, text))
            self.texts[id_] = (one, other, text)

    async def _delete(self) -> None:
        if self.texts:
            id_ = self.random.choice([*self.texts])
            await self._a_process().journal.submit(Delete(self.texts.pop(id_)[0], id_))

    async def _add(self) -> None:
        await self._a_process().index.add()

    async def found(self, user_id: int, fragments: list[str], peer_id: int | None) -> list[int]:
        """Page by page."""
        search, ids, cursor = Search(self.processes[0].database), [], None
        while True:
            page = await search.find(user_id, " ".join(fragments), peer_id=peer_id, cursor=cursor, limit=4)
            ids += [message.id for message in page.items]
            if (cursor := page.next_cursor) is None:
                return ids

    def expected(self, user_id: int, fragments: list[str], peer_id: int | None) -> list[int]:
        """By a look at every text."""
        return [
            id_
            for id_, (one, other, text) in sorted(self.texts.items(), reverse=True)
            if user_id in (one, other)
            and (peer_id is None or {one, other} == {user_id, peer_id})
            and all(fragment in text for fragment in fragments)
        ]


async def chunk_texts(dsn: str) -> list[tuple[int, str, str]]:
    """Each chunk's first id, its text, and what its messages say."""
    now = """SELECT first_id, text, (SELECT coalesce(string_agg(search_text, ' ' ORDER BY id), '') FROM messages m
             WHERE m.low_id = c.low_id AND m.high_id = c.high_id AND m.id BETWEEN c.first_id AND c.last_id)
             FROM search_chunks c ORDER BY first_id"""
    async with connected(dsn.replace("+asyncpg", "")) as connection:
        return [tuple(row) for row in await connection.fetch(now)]


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_is_found_is_what_the_texts_say(dsn: str, processes: list[Process], seed: int) -> None:
    story = Story(processes, Random(seed))
    for _ in range(6):
        await story.go_on(25)
        for _ in range(12):
            user_id = story.random.randint(1, PEOPLE)
            peer_id = story.random.choice([None, story.random.randint(1, PEOPLE)])
            asked = user_id, story.random.sample(FRAGMENTS, story.random.randint(1, 2)), peer_id
            assert await story.found(*asked) == story.expected(*asked), asked
    texts = await chunk_texts(dsn)
    assert len(texts) > 10
    assert [(id_, text) for id_, text, _ in texts] == [(id_, now) for id_, _, now in texts]


async def test_changes_at_the_very_moment_are_in_the_chunks(dsn: str, processes: list[Process]) -> None:
    one, other = processes
    story = Story(processes, Random(1))
    is_over = False

    async def keep_adding(index: SearchIndex) -> None:
        while not is_over:
            await index.add()

    adding = [asyncio.create_task(keep_adding(process.index)) for process in processes]
    for number in range(60):
        sends = [Send(1, 2, f"first {number}", UUID(int=number * 8 + place)) for place in range(8)]
        sent = await asyncio.gather(*(one.journal.submit(send) for send in sends))
        ids = [each.message.id for each in sent]
        changes = [Edit(1, id_, f"second {number}") if id_ % 2 else Delete(1, id_) for id_ in ids]
        await asyncio.gather(*(other.journal.submit(change) for change in changes))
        story.texts |= {id_: (1, 2, f"second {number}") for id_ in ids if id_ % 2}
    is_over = True
    await asyncio.gather(*adding)
    for _ in range(2):
        await one.index.add()

    texts = await chunk_texts(dsn)
    assert len(texts) >= 60
    assert all(text == now and "first" not in text for _, text, now in texts)
    assert await story.found(2, ["second"], None) == story.expected(2, ["second"], None)


async def test_a_message_that_is_committed_late_is_not_left_out(dsn: str, processes: list[Process]) -> None:
    process, _ = processes
    late = """INSERT INTO messages (client_id, sender_id, receiver_id, low_id, high_id, text, search_text, created_at,
              revision) VALUES (gen_random_uuid(), 3, 4, 3, 4, 'late', 'late', now(), 1) RETURNING id"""
    async with connected(dsn.replace("+asyncpg", "")) as connection:
        transaction = connection.transaction()
        await transaction.start()
        id_ = await connection.fetchval(late)
        for number in range(3 * chunks.BLOCK):
            await process.journal.submit(Send(1, 2, "early", UUID(int=number)))
        for _ in range(3):
            await process.index.add()
        assert await chunk_texts(dsn) == []
        await transaction.commit()
    found = await Search(process.database).find(3, "late", peer_id=None, cursor=None, limit=4)
    assert [message.id for message in found.items] == [id_]
    for _ in range(2):
        await process.index.add()
    assert await chunk_texts(dsn)
    found = await Search(process.database).find(3, "late", peer_id=None, cursor=None, limit=4)
    assert [message.id for message in found.items] == [id_]
