"""The short way to store new messages: one statement that is a transaction by itself, between people in the memory.

It locks the heads, compares them with the remembered ones, and stores nothing if one has moved; then the long way is
taken. That is safe, although a statement sees one snapshot, which is taken before it has the locks:

- `FOR UPDATE` compares a head as it is once the lock is held, not as it is in the snapshot;
- what the commands relied on is not read here: blocks are remembered, and whoever sets one moves their own head;
- that nothing was sent before is seen to by the unique index, which knows no snapshots;
- numbers and ids are given under the lock, because the insertion waits for the comparison;
- the answer follows COMMIT: asyncpg waits for ReadyForQuery.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    FromClause,
    Insert,
    Update,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from chat_service.journal.state import EventType, State
from chat_service.journal.storing import MESSAGES, insert_messages, message_row
from chat_service.models import ConversationRow, EventRow, HeadRow
from shared.database import Database, and_then, locked_of, upsert_select
from shared.rows import Rows
from shared.users import UserRow

PEOPLE = Rows("people", user_id=BigInteger(), before=BigInteger(), after=BigInteger())
LINES = Rows(
    "lines",
    user_id=BigInteger(),
    seq=BigInteger(),
    peer_id=BigInteger(),
    sender_id=BigInteger(),
    client_id=Uuid(),
)
"""Events, with the message's key instead of its id."""


async def store_messages(database: Database, state: State, before: Mapping[int, int], after: Mapping[int, int]) -> bool:
    """Store a state that has new messages only, and heads that were `before`. If it is false, nothing was stored."""
    people = [(user_id, before[user_id], head) for user_id, head in after.items()]
    lines = [
        (event.user_id, event.seq, message.peer_of(event.user_id), message.sender_id, message.client_id)
        for event in state.events
        if (message := event.message) is not None
    ]
    try:
        async with database.statement() as connection:
            parameters = {
                "everybody": len(people),
                **MESSAGES.parameters(connection, map(message_row, state.new_messages)),
                **PEOPLE.parameters(connection, people),
                **LINES.parameters(connection, lines),
            }
            first, *others = _statements(connection.dialect.name)
            ids = sorted((await connection.execute(first, parameters)).scalars())
            for statement in others if ids else ():
                await connection.execute(statement, parameters)
    except IntegrityError:  # one of them was sent before
        return False
    _give_ids(state, ids)
    return bool(ids)


def _give_ids(state: State, ids: Sequence[int]) -> None:
    """Ids ascend in the order in which the messages were given."""
    for message, id_ in zip(state.new_messages, ids, strict=False):
        message.id = id_
    for event in state.events:
        event.message_id = event.message.id if event.message is not None else None


@cache
def _statements(dialect: str) -> tuple[Executable, ...]:
    """The first one gives the ids."""
    insertion = insert_messages(dialect, _is_as_before(dialect))
    return and_then(dialect, insertion, lambda messages: _moves(dialect, messages))


def _is_as_before(dialect: str) -> ColumnElement[bool]:
    """Whether everybody is still there, and their heads, locked from here on, are where they were."""
    people = PEOPLE.source(dialect)
    same = (
        select(HeadRow.user_id)
        .join(people, people.c.user_id == HeadRow.user_id)
        .join(UserRow, UserRow.id == HeadRow.user_id)
        .where(HeadRow.seq == people.c.before, UserRow.deleted_at.is_(None))
        .order_by(HeadRow.user_id)
    )
    found = locked_of(dialect, same, HeadRow).cte("found")
    return select(func.count()).select_from(found).scalar_subquery() == bindparam("everybody", type_=BigInteger())


def _moves(dialect: str, messages: FromClause) -> Sequence[Insert | Update]:
    lines, people = LINES.source(dialect), PEOPLE.source(dialect)
    key = and_(messages.c.sender_id == lines.c.sender_id, messages.c.client_id == lines.c.client_id)
    both = select().select_from(lines.join(messages, key))
    created = literal(EventType.MESSAGE_CREATED.value).label("type")
    events = both.add_columns(lines.c.user_id, lines.c.seq, created, messages.c.id)
    pair = lines.c.user_id, lines.c.peer_id
    sides = both.add_columns(*pair, func.max(messages.c.id)).group_by(*pair)
    return (
        insert(EventRow).from_select(["user_id", "seq", "type", "message_id"], events),
        upsert_select(dialect, ConversationRow, ["user_id", "peer_id", "last_message_id"], sides),
        update(HeadRow)
        .where(HeadRow.user_id == people.c.user_id, exists(select(messages.c.id)))
        .values(seq=people.c.after),
    )
