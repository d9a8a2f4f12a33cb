"""Unread counts after any history are a count of the messages, never a counter that drifted."""

import asyncio
import shutil
from pathlib import Path
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat_service.conversations.service import Conversations
from chat_service.journal.journal import Journal
from chat_service.journal.service import Position, Sync
from chat_service.messages.commands import Send
from chat_service.messages.service import Messages
from chat_service.tests.conftest import open_database
from shared.bus import LocalBus
from shared.database import Database
from shared.errors import Problem

PEOPLE = (1, 2, 3)
OPERATIONS = st.tuples(
    st.sampled_from(["send", "read", "delivered", "edit", "delete", "react"]),
    st.sampled_from(PEOPLE),
    st.sampled_from(PEOPLE),
    st.integers(0, 30),
)


class Model:
    """Messages as (id, sender, receiver, deleted), and how far everybody has read."""

    def __init__(self) -> None:
        self.messages: list[tuple[int, int, int]] = []
        self.deleted: set[int] = set()
        self.read: dict[tuple[int, int], int] = {}

    def unread(self, me: int, peer: int) -> int:
        """The peer's undeleted messages after my mark."""
        mark = self.read.get((me, peer), 0)
        return sum(
            (sender, receiver) == (peer, me) and id_ > mark and id_ not in self.deleted and me != peer
            for id_, sender, receiver in self.messages
        )


async def play(database: Database, operations: list[tuple[str, int, int, int]]) -> None:
    journal, model = Journal(database, LocalBus()), Model()
    messages, conversations = Messages(database, journal), Conversations(database, journal)
    await journal.start()
    for name, me, peer, number in operations:
        if name == "send":
            sent = await journal.submit(Send(me, peer, "text", uuid4()))
            model.messages.append((sent.message.id, me, peer))
            continue
        if not model.messages:
            continue
        id_, sender, receiver = model.messages[number % len(model.messages)]
        try:
            if name == "edit":
                await messages.edit(me, id_, "other", None)
            elif name == "delete":
                await messages.delete(me, id_)
                model.deleted.add(id_)
            elif name == "react":
                await messages.react(me, id_, "👍", on=bool(number % 2))
            else:
                await conversations.mark(me, peer, id_, read=name == "read")
                if name == "read":
                    model.read[me, peer] = max(id_, model.read.get((me, peer), 0))
        except Problem as problem:
            allowed = {sender, receiver} == {me, peer} if name in ("read", "delivered") else me == sender
            if allowed and problem.code != "deleted":
                raise
    await compare(database, conversations, model)
    await journal.stop()


async def compare(database: Database, conversations: Conversations, model: Model) -> None:
    """What each person is shown, against the model; and each journal, against its numbers."""
    for me in PEOPLE:
        page = await conversations.list_page(me, None, 50)
        shown = {item.peer.id: (item.unread_count, item.last_message.id) for item in page.items}
        peers = {
            receiver if sender == me else sender for _, sender, receiver in model.messages if me in (sender, receiver)
        }
        last = {
            peer: max(id_ for id_, sender, receiver in model.messages if {sender, receiver} == {me, peer})
            for peer in peers
        }
        assert shown == {peer: (model.unread(me, peer), last[peer]) for peer in peers}
        assert [item.last_message.id for item in page.items] == sorted(last.values(), reverse=True)
        epoch, head = await Sync(database).start(me)
        events = (await Sync(database).page(me, Position(0, epoch), 500)).events
        assert [event.seq for event in events] == list(range(1, head + 1))


def test_unread_counts_equal_a_count(migrated: Path, tmp_path: Path) -> None:
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(OPERATIONS, min_size=5, max_size=60))
    def check(operations: list[tuple[str, int, int, int]]) -> None:
        async def run() -> None:
            copy = shutil.copy(migrated, tmp_path / "unread.sqlite3")
            async with open_database(f"sqlite+aiosqlite:///{copy}") as database:
                await play(database, operations)

        asyncio.run(run())

    check()
