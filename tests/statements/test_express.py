"""The short way of a message: what another process does meanwhile is never overlooked. `other` is that process.

A message by itself has a statement of its own, so there are two, each for two databases.
"""

import asyncio
from datetime import UTC, datetime
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select, update

from chat_service.conversations.commands import Mark, SetBlock
from chat_service.errors import Blocked
from chat_service.journal import journal as journal_module
from chat_service.journal.commands import Command
from chat_service.journal.journal import Journal
from chat_service.journal.memory import MAX_PEOPLE, Memory
from chat_service.journal.state import EventType, Marks, State
from chat_service.messages.commands import Edit
from chat_service.models import ConversationRow, EventRow, MessageRow
from shared.database import Database
from shared.errors import NotFound, Problem
from shared.users import UserRow
from tests.statements.sends import alone_or_not, hello


async def refused(journal: Journal, problem: type[Problem], count: int) -> bool:
    """Whether so many messages at once are all refused so."""
    outcomes = await asyncio.gather(*(journal.submit(hello()) for _ in range(count)), return_exceptions=True)
    return all(isinstance(outcome, problem) for outcome in outcomes)


@pytest.mark.parametrize("is_alone", [True, False])
async def test_the_second_message_takes_the_short_way(journal: Journal, database: Database, is_alone: bool) -> None:
    sends = [*(hello() for _ in range(5)), hello(2, 1)]
    with patch.object(journal_module, "load", side_effect=AssertionError("the long way")):
        if is_alone:
            sent = [await journal.submit(send) for send in sends]
        else:
            sent = await asyncio.gather(*map(journal.submit, sends))
    async with database.read() as connection:
        rows = (await connection.execute(select(*MessageRow.__table__.columns).order_by(MessageRow.id))).all()
        assert [row.client_id for row in rows[1:]] == [send.client_id for send in sends]
        for row, way in zip(rows, [*[(1, 2)] * 6, (2, 1)], strict=True):
            assert (row.sender_id, row.receiver_id, row.low_id, row.high_id) == (*way, 1, 2)
            assert (row.text, row.search_text, row.revision) == ("Hello", "hello", 1)
            assert row.created_at == sent[0].message.created_at or is_alone or row is rows[0]
        ids = [row.id for row in rows]
        for one, two in ((1, 2), (2, 1)):
            lines = await connection.execute(
                select(EventRow.seq, EventRow.message_id).where(EventRow.user_id == one).order_by(EventRow.seq)
            )
            assert [tuple(line) for line in lines] == list(enumerate(ids, start=1))
            sides = select(ConversationRow.peer_id).where(ConversationRow.user_id == one)
            assert list((await connection.execute(sides)).scalars()) == [two]
    assert [one.message.id for one in sent] == ids[1:]


async def test_who_has_blocked_and_unblocked_a_stranger_begins_a_conversation(
    journal: Journal, database: Database
) -> None:
    for on in (True, False):
        await journal.submit(SetBlock(1, 3, on=on))
    await journal.submit(hello(3, 1))
    async with database.read() as connection:
        sides = await connection.execute(select(ConversationRow.user_id).where(ConversationRow.peer_id.in_((1, 3))))
        assert set(sides.scalars()) >= {1, 3}


async def test_notes_to_oneself(journal: Journal, database: Database) -> None:
    for me in (1, 2):
        await journal.submit(hello(me, me))
    with patch.object(journal_module, "load", side_effect=AssertionError("the long way")):
        for notes in ([1], [2], [1, 1], [1, 2], [1, 1, 2]):
            await asyncio.gather(*(journal.submit(hello(me, me)) for me in notes))
    async with database.read() as connection:
        for me, count in ((1, 8), (2, 5)):
            seqs = await connection.execute(select(EventRow.seq).where(EventRow.user_id == me).order_by(EventRow.seq))
            assert list(seqs.scalars()) == list(range(1, count + 1))


@alone_or_not
@pytest.mark.parametrize(("blocker", "blocked"), [(1, 2), (2, 1)])
async def test_a_block_of_another_process_counts_at_once(
    journal: Journal, other: Journal, blocker: int, blocked: int, count: int
) -> None:
    await journal.submit(hello())
    await other.submit(SetBlock(blocker, blocked, on=True))
    assert await refused(journal, Blocked, count)
    await other.submit(SetBlock(blocker, blocked, on=False))
    assert (await journal.submit(hello())).created


@alone_or_not
async def test_a_deleted_account_gets_nothing(journal: Journal, database: Database, count: int) -> None:
    await journal.submit(hello())
    async with database.transaction() as connection:
        await connection.execute(update(UserRow).where(UserRow.id == 2).values(deleted_at=datetime.now(UTC)))
    assert await refused(journal, NotFound, count)


async def test_a_message_is_stored_once_by_whatever_way(journal: Journal, other: Journal) -> None:
    mine, theirs = hello(), hello(2, 1)
    first = [(await journal.submit(mine)).message.id, (await other.submit(theirs)).message.id]
    again = await asyncio.gather(*(each.submit(send) for send in (mine, theirs) for each in (journal, other)))
    assert [sent.created for sent in again] == [False] * 4
    assert [sent.message.id for sent in again] == [first[0], first[0], first[1], first[1]]
    alone = await journal.submit(mine)
    assert (alone.created, alone.message.id) == (False, first[0])


async def test_one_that_was_sent_before_does_not_hold_up_the_others(journal: Journal) -> None:
    known = hello()
    await journal.submit(known)
    sent = await asyncio.gather(journal.submit(hello()), journal.submit(known), journal.submit(hello()))
    assert [one.created for one in sent] == [True, False, True]


async def test_two_processes_number_without_gaps(journal: Journal, other: Journal, database: Database) -> None:
    for _ in range(10):
        await asyncio.gather(journal.submit(hello()), other.submit(hello(2, 1)), other.submit(hello(3, 2)))
    async with database.read() as connection:
        for user, count in ((1, 21), (2, 31), (3, 10)):
            seqs = await connection.execute(select(EventRow.seq).where(EventRow.user_id == user).order_by(EventRow.seq))
            assert list(seqs.scalars()) == list(range(1, count + 1))


@pytest.mark.parametrize("seed", range(3))
async def test_two_processes_that_write_to_the_same_people(
    journal: Journal, other: Journal, database: Database, seed: int
) -> None:
    random = Random(seed)

    def command() -> Command[Any]:
        one, another = random.sample((1, 2, 3), 2)
        number = random.randint(1, 20)
        changes = Mark(one, another, number, read=True), Edit(one, number, "New")
        return random.choice([hello(one, another), hello(one, another), *changes])

    for _ in range(40):
        doing = [each.submit(command()) for each in (journal, other) for _ in range(random.choice((1, 1, 5)))]
        done = await asyncio.gather(*doing, return_exceptions=True)
        assert all(isinstance(problem, Problem) for problem in done if isinstance(problem, BaseException))
    await assert_complete(database)


async def assert_complete(database: Database) -> None:
    """In everybody's journal no number is missing, and each conversation's messages are there once and ascend."""
    async with database.read() as connection:
        events = (await connection.execute(select(*EventRow.__table__.columns).order_by(EventRow.seq))).all()
        messages = (await connection.execute(select(*MessageRow.__table__.columns).order_by(MessageRow.id))).all()
        sides = (await connection.execute(select(*ConversationRow.__table__.columns))).all()
    for me in {event.user_id for event in events}:
        mine = [event for event in events if event.user_id == me]
        assert [event.seq for event in mine] == list(range(1, len(mine) + 1))
        created = [event.message_id for event in mine if event.type == EventType.MESSAGE_CREATED]
        for peer in {1, 2, 3} - {me}:
            ids = [message.id for message in messages if {message.sender_id, message.receiver_id} == {me, peer}]
            assert [id_ for id_ in created if id_ in ids] == ids
            assert sum((side.user_id, side.peer_id) == (me, peer) for side in sides) == bool(ids)


def test_the_memory_forgets_who_came_first() -> None:
    memory = Memory()
    for first in range(1, 2 * MAX_PEOPLE + 1, 2):
        pair = (first, first + 1)
        heads = dict.fromkeys(pair, 0)
        marks = {pair: Marks(), pair[::-1]: Marks()}
        memory.keep([pair], State(datetime.now(UTC), active_users=set(pair), marks=marks), heads, heads)
    assert memory.heads([hello(1, 2).needs()]) is None
    last = (2 * MAX_PEOPLE - 1, 2 * MAX_PEOPLE)
    assert memory.heads([hello(*last).needs()]) == dict.fromkeys(last, 0)
