"""The journal on a real database: one commit for many, errors alone, numbers without gaps."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from chat_service.errors import NotYours
from chat_service.journal.journal import Committed, Journal
from chat_service.journal.queries import read_starts
from chat_service.journal.service import Position, Sync
from chat_service.journal.state import Needs, State
from chat_service.messages.commands import Delete, Edit, Send
from chat_service.models import EventRow, MessageRow
from shared.bus import LocalBus
from shared.database import Database
from shared.errors import NotFound, Unavailable


@pytest.fixture
async def journal(database: Database, bus: LocalBus) -> AsyncIterator[Journal]:
    journal = Journal(database, bus)
    await journal.start()
    yield journal
    await journal.stop()


def hello(text: str = "hello", sender: int = 1, receiver: int = 2, client_id: UUID | None = None) -> Send:
    return Send(sender, receiver, text, client_id or uuid4())


@dataclass(frozen=True)
class Broken:
    """A command with a bug that shows in the database."""

    def needs(self) -> Needs:
        return Needs(pairs={(1, 2)})

    def apply(self, state: State) -> None:
        sent = hello().apply(state)
        sent.message.text = object()  # type: ignore[assignment]


async def test_many_share_a_commit_and_keep_their_order(journal: Journal, database: Database) -> None:
    commits: list[Committed] = []
    journal.on_committed(commits.append)
    texts = [f"message {number}" for number in range(100)]
    sent = await asyncio.gather(*(journal.submit(hello(text)) for text in texts))
    assert len(commits) < 10
    assert [one.message.id for one in sent] == sorted(one.message.id for one in sent)
    async with database.read() as connection:
        rows = (await connection.execute(select(MessageRow.text).order_by(MessageRow.id))).scalars().all()
    assert rows == texts


@pytest.mark.parametrize("pause", [0, 1, 2, 3, 4])
async def test_everybody_is_told_once_and_in_order_whenever_the_next_one_comes(journal: Journal, pause: int) -> None:
    told: asyncio.Queue[list[int]] = asyncio.Queue()
    journal.on_committed(lambda committed: told.put_nowait([e.seq for e in committed.events if e.user_id == 2]))
    for _ in range(10):
        await journal.submit(hello())
        for _ in range(pause):
            await asyncio.sleep(0)
        with pytest.raises(
            Exception, match=r"."
        ):  # what fails meanwhile tells nobody, and keeps nobody from being told
            await journal.submit(Broken())
    async with asyncio.timeout(5):
        assert [await told.get() for _ in range(10)] == [[number] for number in range(1, 11)]
    assert told.empty()


async def test_who_sends_while_nobody_else_does_is_answered_first(journal: Journal) -> None:
    happened: asyncio.Queue[str] = asyncio.Queue()
    journal.on_committed(lambda _: happened.put_nowait("told"))
    answer = journal.submit(hello())
    answer.add_done_callback(lambda _: happened.put_nowait("answered"))
    async with asyncio.timeout(5):
        assert [await happened.get() for _ in range(2)] == ["answered", "told"]


async def test_numbers_have_no_gap_and_are_per_person(journal: Journal, database: Database) -> None:
    await asyncio.gather(
        *(journal.submit(hello()) for _ in range(20)),
        *(journal.submit(hello(receiver=99)) for _ in range(5)),
        *(journal.submit(hello(sender=2, receiver=3)) for _ in range(10)),
        return_exceptions=True,
    )
    async with database.read() as connection:
        for user, count in ((1, 20), (2, 30), (3, 10)):
            seqs = await connection.execute(select(EventRow.seq).where(EventRow.user_id == user).order_by(EventRow.seq))
            assert list(seqs.scalars()) == list(range(1, count + 1))
            _, heads = await read_starts(connection, [user])
            assert heads == {user: count}


async def test_the_same_client_id_in_parallel_is_one_row(journal: Journal, database: Database) -> None:
    client_id = uuid4()
    sent = await asyncio.gather(*(journal.submit(hello(client_id=client_id)) for _ in range(50)))
    assert len({one.message.id for one in sent}) == 1
    assert sum(one.created for one in sent) == 1
    again = await journal.submit(hello("changed", client_id=client_id))
    assert (again.created, again.message.text) == (False, "hello")
    async with database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(MessageRow))).scalar_one() == 1


async def test_a_refused_command_fails_alone(journal: Journal) -> None:
    results = await asyncio.gather(
        journal.submit(hello()), journal.submit(hello(receiver=99)), journal.submit(hello()), return_exceptions=True
    )
    assert isinstance(results[1], NotFound)
    assert [isinstance(result, BaseException) for result in results] == [False, True, False]


async def test_a_broken_command_fails_alone(journal: Journal, database: Database) -> None:
    results = await asyncio.gather(
        *(journal.submit(hello()) for _ in range(3)),
        journal.submit(Broken()),
        *(journal.submit(hello()) for _ in range(3)),
        return_exceptions=True,
    )
    assert [isinstance(result, BaseException) for result in results] == [False] * 3 + [True] + [False] * 3
    async with database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(MessageRow))).scalar_one() == 6


async def test_a_full_queue_refuses_at_once(database: Database, bus: LocalBus) -> None:
    journal = Journal(database, bus, max_waiting=2)
    waiting = [journal.submit(hello()) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await journal.submit(hello())
    await journal.start()
    await asyncio.gather(*waiting)
    await journal.stop()


async def test_stopping_commits_what_waits(database: Database, bus: LocalBus) -> None:
    journal = Journal(database, bus)
    await journal.start()
    waiting = [journal.submit(hello()) for _ in range(20)]
    await asyncio.sleep(0)
    await journal.stop()
    assert len(await asyncio.gather(*waiting)) == 20


async def test_a_caller_that_gives_up_does_not_undo(journal: Journal, database: Database) -> None:
    impatient = journal.submit(hello("still said"))
    await asyncio.sleep(0)
    impatient.cancel()
    await journal.submit(hello("after"))
    async with database.read() as connection:
        texts = (await connection.execute(select(MessageRow.text).order_by(MessageRow.id))).scalars().all()
    assert texts == ["still said", "after"]


@pytest.mark.parametrize("is_known", [True, False])
async def test_nobody_waits_for_long_for_a_database_that_hangs(
    journal: Journal, database: Database, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    if is_known:  # the short way
        await journal.submit(hello())
    monkeypatch.setattr("chat_service.journal.journal.COMMIT_SECONDS", 0.2)
    async with database.transaction(), asyncio.timeout(3):
        with pytest.raises(Unavailable):
            await journal.submit(hello())
    monkeypatch.undo()
    assert (await journal.submit(hello())).created


async def test_replay_shows_the_present_state(journal: Journal, database: Database) -> None:
    secret = (await journal.submit(hello("secret"))).message.id
    kept = (await journal.submit(hello("first"))).message.id
    await journal.submit(Edit(1, kept, "second"))
    await journal.submit(Delete(1, secret))
    with pytest.raises(NotYours):
        await journal.submit(Delete(2, kept))
    sync = Sync(database)
    epoch, head = await sync.start(2)
    page = await sync.page(2, Position(0, epoch), 500)
    assert (page.head, head) == (4, 4)
    assert "secret" not in page.model_dump_json()
    assert "first" not in page.model_dump_json()
    assert [event.seq for event in page.events] == [1, 2, 3, 4]


async def test_sync_never_recovers_in_part(journal: Journal, database: Database) -> None:
    await asyncio.gather(*(journal.submit(hello()) for _ in range(5)))
    sync = Sync(database)
    epoch, _ = await sync.start(1)
    page = await sync.page(1, Position(1, epoch), 2)
    assert ([event.seq for event in page.events], page.has_more, page.reset) == ([2, 3], True, False)
    assert not (await sync.page(1, Position(5, epoch), 2)).has_more
    assert (await sync.page(1, Position(6, epoch), 2)).reset
    assert (await sync.page(1, Position(1, uuid4()), 2)).reset
    start = await sync.page(1, None, 2)
    assert (start.events, start.head) == ([], 5)
