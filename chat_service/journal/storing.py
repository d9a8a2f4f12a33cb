"""The second half of a journal transaction: what the commands changed, in a few statements whatever their number."""

from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Executable,
    Insert,
    Integer,
    Text,
    Uuid,
    bindparam,
    delete,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.journal.state import Event, Marks, MessageState, Pair, State
from chat_service.models import (
    AnnouncedRow,
    AttachmentRow,
    BlockRow,
    ConversationRow,
    EventRow,
    MessageRow,
    ReactionRow,
)
from chat_service.search.chunks import renew
from chat_service.search.words import searchable
from shared.database import UtcDateTime, together, upsert, upsert_from
from shared.rows import PLACE, Rows


async def store(connection: AsyncConnection, state: State, heads: dict[int, int]) -> dict[int, int]:
    """Write the changes and their events, which get their ids and numbers here; where the heads are then."""
    moved = state.number(heads)
    await _store_new_messages(connection, state)
    await _store_changed_messages(connection, state)
    await _store_attachments(connection, state)
    await _store_reactions(connection, state)
    await _store_blocks(connection, state)
    if state.announced:
        rows = [{"user_id": user, "revision": revision} for user, revision in state.announced.items()]
        await connection.execute(upsert(connection, AnnouncedRow, rows))
    await _store_moves(connection, state)
    return moved


MESSAGES = Rows(
    "new_messages",
    client_id=Uuid(),
    sender_id=BigInteger(),
    receiver_id=BigInteger(),
    low_id=BigInteger(),
    high_id=BigInteger(),
    text=Text(),
    search_text=Text(),
    reply_to_id=BigInteger(),
    created_at=UtcDateTime(),
    revision=Integer(),
)


async def _store_new_messages(connection: AsyncConnection, state: State) -> None:
    if not state.new_messages:
        return
    parameters = MESSAGES.parameters(connection, map(_new_message, state.new_messages))
    for row in await connection.execute(_insert_messages(connection.dialect.name), parameters):
        state.sent[row.sender_id, row.client_id].id = row.id
    for message in state.new_messages:
        for side in {(message.sender_id, message.receiver_id), (message.receiver_id, message.sender_id)}:
            if side not in state.marks:  # the first message of a conversation
                state.marks[side] = Marks()
                state.changed_marks.add(side)


@cache
def _insert_messages(dialect: str) -> Executable:
    # The people are locked and the rows come in order, so within a conversation ids ascend in commit order.
    source = MESSAGES.source(dialect)
    rows = select(*(source.c[name] for name in MESSAGES.names)).order_by(source.c[PLACE])
    statement = insert(MessageRow).from_select(MESSAGES.names, rows)
    return statement.returning(MessageRow.id, MessageRow.sender_id, MessageRow.client_id)


def _new_message(message: MessageState) -> tuple[Any, ...]:
    return (
        message.client_id,
        message.sender_id,
        message.receiver_id,
        min(message.sender_id, message.receiver_id),
        max(message.sender_id, message.receiver_id),
        message.text,
        searchable(message.text),
        message.reply_to_id,
        message.created_at,
        message.revision,
    )


async def _store_changed_messages(connection: AsyncConnection, state: State) -> None:
    changed = list(state.changed_messages.values())
    if not changed:
        return
    statement = update(MessageRow.__table__).where(MessageRow.id == bindparam("key"))  # type: ignore[arg-type]
    await connection.execute(
        statement.values(
            {name: bindparam(name) for name in ("text", "search_text", "edited_at", "deleted_at", "revision")}
        ),
        [
            {
                "key": message.id,
                "text": message.text,
                "search_text": searchable(message.text),
                "edited_at": message.edited_at,
                "deleted_at": message.deleted_at,
                "revision": message.revision,
            }
            for message in changed
        ],
    )
    await renew(connection, state.changed_messages)


async def _store_attachments(connection: AsyncConnection, state: State) -> None:
    if state.used_attachments:
        statement = update(AttachmentRow.__table__).where(AttachmentRow.id == bindparam("key"))  # type: ignore[arg-type]
        await connection.execute(
            statement.values(message_id=bindparam("message"), position=bindparam("place")),
            [{"key": a.id, "message": m.id, "place": place} for a, m, place in state.used_attachments],
        )
    if state.removed_attachments:
        ids = [attachment.id for attachment in state.removed_attachments]
        await connection.execute(delete(AttachmentRow).where(AttachmentRow.id.in_(ids)))


async def _store_reactions(connection: AsyncConnection, state: State) -> None:
    if state.removed_reactions:
        key = tuple_(ReactionRow.message_id, ReactionRow.user_id, ReactionRow.emoji)
        await connection.execute(delete(ReactionRow).where(key.in_(state.removed_reactions)))
    if state.new_reactions:
        await connection.execute(
            insert(ReactionRow),
            [
                {"message_id": message, "user_id": user, "emoji": emoji, "created_at": at}
                for (message, user, emoji), at in state.new_reactions.items()
            ],
        )


SIDES = Rows(
    "sides",
    user_id=BigInteger(),
    peer_id=BigInteger(),
    read_id=BigInteger(),
    delivered_id=BigInteger(),
)


def _side(pair: Pair, marks: Marks) -> tuple[Any, ...]:
    return (*pair, marks.read_id, marks.delivered_id)


async def _store_blocks(connection: AsyncConnection, state: State) -> None:
    if state.removed_blocks:
        key = tuple_(BlockRow.blocker_id, BlockRow.blocked_id)
        await connection.execute(delete(BlockRow).where(key.in_(state.removed_blocks)))
    if state.new_blocks:
        rows = [{"blocker_id": a, "blocked_id": b, "created_at": state.now} for a, b in sorted(state.new_blocks)]
        await connection.execute(insert(BlockRow), rows)


EVENTS = Rows(
    "events",
    user_id=BigInteger(),
    seq=BigInteger(),
    type=Text(),
    message_id=BigInteger(),
    subject_id=BigInteger(),
    peer_id=BigInteger(),
)


async def _store_moves(connection: AsyncConnection, state: State) -> None:
    """Marks and events, together where the database can."""
    sides = [_side(pair, state.marks[pair]) for pair in sorted(state.changed_marks)]
    events = [_line(event) for event in state.events]
    given = [(rows, table) for rows, table in ((sides, SIDES), (events, EVENTS)) if rows]
    if given:
        parameters: dict[str, Any] = {}
        for rows, table in given:
            parameters |= table.parameters(connection, rows)
        for statement in _moves(connection.dialect.name, tuple(table for _, table in given)):
            await connection.execute(statement, parameters)


def _line(event: Event) -> tuple[Any, ...]:
    if event.message is not None:
        event.message_id = event.message.id
    return (event.user_id, event.seq, event.type.value, event.message_id, event.subject_id, event.peer_id)


@cache
def _moves(dialect: str, tables: tuple[Rows, ...]) -> tuple[Executable, ...]:
    """A statement for each table, or for PostgreSQL one that does all of it."""
    statements = {SIDES: upsert_from(dialect, ConversationRow, SIDES), EVENTS: _insert_events(dialect)}
    return together(dialect, [statements[table] for table in tables])


def _insert_events(dialect: str) -> Insert:
    source = EVENTS.source(dialect)
    return insert(EventRow).from_select(EVENTS.names, select(*(source.c[name] for name in EVENTS.names)))
