"""The short way to store new messages: one statement that is a transaction by itself, between people in the memory.

It locks the people and writes events with the numbers that follow on their remembered heads. If one has moved, that
number is taken: the primary key refuses it, nothing is stored, and the long way is taken. That is safe, although a
statement sees one snapshot, which is taken before it has the locks:

- keys know no snapshots: neither that of events, nor the one that sees to it that nothing was sent before;
- what the commands relied on is not read here: blocks are remembered, and whoever sets one moves their own head;
- ids are given under the locks, because the insertion waits for them;
- the answer follows COMMIT: asyncpg waits for ReadyForQuery.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    FromClause,
    Insert,
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.selectable import ExecutableReturnsRows

from chat_service.journal.state import EventType, MessageState, State
from chat_service.models import EventRow, MessageRow
from chat_service.search.words import searchable
from shared.database import Database, UtcDateTime, and_then, are_locked
from shared.direct import Line
from shared.rows import PLACE, AnySelect, Rows
from shared.users import UserRow

NEW = Rows(
    "new",
    client_id=Uuid(),
    sender_id=BigInteger(),
    receiver_id=BigInteger(),
    text=Text(),
    search_text=Text(),
    sender_seq=BigInteger(),
    receiver_seq=BigInteger(),
)
"""Whatever else there is to store follows from these."""
KEY = "sender_id", "client_id"
AT = bindparam("at", type_=UtcDateTime())
ONE = literal_column("1", Integer())
Columns = Mapping[str, ColumnElement[Any]] | ReadOnlyColumnCollection[str, ColumnElement[Any]]


async def store_messages(line: Line | Database, state: State, *, within: float) -> bool:
    """Store a state that has new messages only, and numbers that follow on remembered heads. False: nothing was stored.

    If it is not known after so many seconds, that is an error like a lost connection's.
    """
    seqs = {(event.user_id, id(event.message)): event.seq for event in state.events}
    rows = [_row(message, seqs) for message in state.new_messages]
    is_lone = len(rows) == 1 and len(state.events) == 2  # a note has one event
    values = NEW.values(*rows[0]) if is_lone else NEW.parameters(line, rows)
    first, *more = _statements(line.dialect.name, is_lone=is_lone)
    try:
        stored = await line.fetch(first, {"at": state.now, **values}, *more, within=within)
    except IntegrityError:  # a head has moved, or one of them was sent before
        return False
    _give_ids(state, sorted(row.id for row in stored))
    return bool(stored)


def _row(message: MessageState, seqs: dict[tuple[int, int], int]) -> tuple[Any, ...]:
    key, sender_id, receiver_id, text = id(message), message.sender_id, message.receiver_id, message.text
    numbers = seqs[sender_id, key], seqs[receiver_id, key]
    return (message.client_id, sender_id, receiver_id, text, searchable(text), *numbers)


def _give_ids(state: State, ids: Sequence[int]) -> None:
    """Ids ascend in the order in which the messages were given."""
    for message, id_ in zip(state.new_messages, ids, strict=False):
        message.id = id_
    for event in state.events:
        event.message_id = event.message.id if event.message is not None else None


@dataclass(frozen=True, slots=True)
class _Given:
    """What is to be stored, as tables."""

    dialect: str
    is_lone: bool
    messages: Columns
    lines: FromClause
    """One for each of the two people's journals, or for the one of a note."""


@cache
def _statements(dialect: str, *, is_lone: bool) -> tuple[ExecutableReturnsRows, *tuple[Executable, ...]]:
    """The first one gives the ids.

    That of a lone message between two people has no arrays, groups and order. PostgreSQL keeps plans, but makes ready
    to execute one each time, and that is most of its work for one message: with all of them it took half as long again.
    """
    messages: Columns = NEW.bound() if is_lone else select(NEW.source(dialect)).cte("given").c
    given = _Given(dialect, is_lone, messages, _lines(messages, is_lone=is_lone))
    return and_then(dialect, _insert_messages(given), partial(_insert_events, given))


def _lines(messages: Columns, *, is_lone: bool) -> FromClause:
    sender, receiver = messages["sender_id"], messages["receiver_id"]
    of_sender, of_receiver = (
        select(user.label("user_id"), seq.label("seq"))
        for user, seq in ((sender, messages["sender_seq"]), (receiver, messages["receiver_seq"]))
    )
    if is_lone:
        return union_all(of_sender, of_receiver).subquery("lines")
    key = [messages[name] for name in KEY]
    both = of_sender.add_columns(*key), of_receiver.add_columns(*key).where(sender != receiver)
    return union_all(*both).cte("lines")


def _insert_messages(given: _Given) -> Insert:
    messages = given.messages
    sender, receiver = messages["sender_id"], messages["receiver_id"]
    columns: dict[str, ColumnElement[Any]] = {
        **{name: messages[name] for name in ("client_id", "sender_id", "receiver_id", "text", "search_text")},
        "low_id": case((sender < receiver, sender), else_=receiver),
        "high_id": case((sender < receiver, receiver), else_=sender),
        "created_at": AT,
        "revision": ONE,
    }
    rows = select(*columns.values()).where(_locks(given), ~exists(_deleted(given)))
    if not given.is_lone:
        # The people are locked and the rows come in order, so within a conversation ids ascend in commit order.
        rows = rows.order_by(messages[PLACE])
    statement = insert(MessageRow).from_select(list(columns), rows)
    return statement.returning(MessageRow.id, *(MessageRow.__table__.c[name] for name in KEY))


def _locks(given: _Given) -> ColumnElement[bool]:
    if given.is_lone:
        sender, receiver = given.messages["sender_id"], given.messages["receiver_id"]
        return are_locked(given.dialect, func.least(sender, receiver), func.greatest(sender, receiver))
    people = select(given.lines.c.user_id).distinct().order_by(given.lines.c.user_id).subquery("people")
    return are_locked(given.dialect, people.c.user_id)


def _deleted(given: _Given) -> AnySelect:
    """Those of the people whose account was deleted."""
    if given.is_lone:
        is_one = UserRow.id.in_([given.messages["sender_id"], given.messages["receiver_id"]])
    else:
        is_one = UserRow.id.in_(select(given.lines.c.user_id))
    return select(UserRow.id).where(is_one, UserRow.deleted_at.is_not(None))


def _insert_events(given: _Given, inserted: FromClause) -> Insert:
    lines = given.lines
    key = given.messages if given.is_lone else lines.c
    created = literal(EventType.MESSAGE_CREATED.value).label("type")
    return insert(EventRow).from_select(
        ["user_id", "seq", "type", "message_id"],
        select(lines.c.user_id, lines.c.seq, created, inserted.c.id).join_from(
            lines, inserted, and_(*(inserted.c[name] == key[name] for name in KEY))
        ),
    )
