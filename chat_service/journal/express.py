"""The short way to store new messages: one statement that is a transaction by itself, between people in the memory.

It locks the heads, compares them with the remembered ones, and stores nothing if one has moved; then the long way is
taken. That is safe, although a statement sees one snapshot, which is taken before it has the locks:

- `FOR UPDATE` compares a head as it is once the lock is held, not as it is in the snapshot;
- what the commands relied on is not read here: blocks are remembered, and whoever sets one moves their own head;
- that nothing was sent before is seen to by the unique index, which knows no snapshots;
- ids are given under the locks, because the insertion waits for the comparison;
- the answer follows COMMIT: asyncpg waits for ReadyForQuery.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Executable,
    FromClause,
    Insert,
    Text,
    Update,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.selectable import ExecutableReturnsRows

from chat_service.journal.state import EventType, MessageState, State
from chat_service.models import ConversationRow, EventRow, HeadRow, MessageRow
from chat_service.search.words import searchable
from shared.database import Database, UtcDateTime, and_then, locked_of, upsert_select
from shared.direct import Direct
from shared.rows import PLACE, Rows
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
AT = bindparam("at", type_=UtcDateTime())


async def store_messages(line: Direct | Database, state: State) -> bool:
    """Store a state that has new messages only, and heads that are remembered. If it is false, nothing was stored."""
    seqs = {(event.user_id, id(event.message)): event.seq for event in state.events}
    rows = [_row(message, seqs) for message in state.new_messages]
    try:
        parameters = {"at": state.now, **NEW.parameters(line, rows)}
        first, *more = _statements(line.dialect.name)
        stored = await line.fetch(first, parameters, *more)
    except IntegrityError:  # one of them was sent before
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


@cache
def _statements(dialect: str) -> tuple[ExecutableReturnsRows, *tuple[Executable, ...]]:
    """The first one gives the ids."""
    source = NEW.source(dialect)
    new = select(source).cte("given")
    lines = _lines(new)
    insertion = _insert_messages(dialect, new, lines)
    return and_then(dialect, insertion, lambda messages: _moves(dialect, lines, messages))


def _lines(new: CTE) -> CTE:
    """A line for each of the two people's journals, or for the one of a note."""
    message = (new.c.sender_id, new.c.client_id)
    of_sender = select(
        new.c.sender_id.label("user_id"), new.c.receiver_id.label("peer_id"), new.c.sender_seq.label("seq")
    )
    of_receiver = select(new.c.receiver_id, new.c.sender_id, new.c.receiver_seq)
    is_other = new.c.sender_id != new.c.receiver_id
    return union_all(of_sender.add_columns(*message), of_receiver.add_columns(*message).where(is_other)).cte("lines")


def _insert_messages(dialect: str, new: CTE, lines: CTE) -> Insert:
    is_low = new.c.sender_id < new.c.receiver_id
    columns: dict[str, ColumnElement[Any]] = {
        **{name: new.c[name] for name in ("client_id", "sender_id", "receiver_id", "text", "search_text")},
        "low_id": case((is_low, new.c.sender_id), else_=new.c.receiver_id),
        "high_id": case((is_low, new.c.receiver_id), else_=new.c.sender_id),
        "created_at": AT,
        "revision": literal(1),
    }
    # The people are locked and the rows come in order, so within a conversation ids ascend in commit order.
    rows = select(*columns.values()).where(_is_as_before(dialect, lines)).order_by(new.c[PLACE])
    statement = insert(MessageRow).from_select(list(columns), rows)
    return statement.returning(MessageRow.id, MessageRow.sender_id, MessageRow.client_id)


def _is_as_before(dialect: str, lines: CTE) -> ColumnElement[bool]:
    """Whether everybody is still there, and their heads, locked from here on, are where their lines begin."""
    first = select(lines.c.user_id, func.min(lines.c.seq).label("seq")).group_by(lines.c.user_id).cte("first")
    same = (
        select(HeadRow.user_id)
        .join(first, first.c.user_id == HeadRow.user_id)
        .join(UserRow, UserRow.id == HeadRow.user_id)
        .where(HeadRow.seq == first.c.seq - 1, UserRow.deleted_at.is_(None))
        .order_by(HeadRow.user_id)
    )
    locked = locked_of(dialect, same, HeadRow).cte("locked")
    return _count(locked) == _count(first)


def _count(table: FromClause) -> ColumnElement[int]:
    return select(func.count()).select_from(table).scalar_subquery()


def _moves(dialect: str, lines: CTE, messages: FromClause) -> Sequence[Insert | Update]:
    key = and_(messages.c.sender_id == lines.c.sender_id, messages.c.client_id == lines.c.client_id)
    both = select().select_from(lines.join(messages, key))
    created = literal(EventType.MESSAGE_CREATED.value).label("type")
    pair = lines.c.user_id, lines.c.peer_id
    sides = both.add_columns(*pair, func.max(messages.c.id)).group_by(*pair)
    last = select(lines.c.user_id, func.max(lines.c.seq).label("seq")).group_by(lines.c.user_id).subquery("last")
    return (
        insert(EventRow).from_select(
            ["user_id", "seq", "type", "message_id"],
            both.add_columns(lines.c.user_id, lines.c.seq, created, messages.c.id),
        ),
        upsert_select(dialect, ConversationRow, ["user_id", "peer_id", "last_message_id"], sides),
        update(HeadRow).where(HeadRow.user_id == last.c.user_id, exists(select(messages.c.id))).values(seq=last.c.seq),
    )
