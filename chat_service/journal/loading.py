"""The first half of a journal transaction: lock the people concerned, then read what the commands need."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Uuid, and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.journal.queries import head_of
from chat_service.journal.state import AttachmentState, Marks, MessageState, Needs, Pair, Profile, State
from chat_service.models import (
    AnnouncedRow,
    AttachmentRow,
    BlockRow,
    ConversationRow,
    MessageRow,
    ReactionRow,
)
from chat_service.preferences.queries import without_receipts
from shared.database import lock_people, locked
from shared.rows import AnyRow, AnySelect, Rows
from shared.users import UserRow

MESSAGE_COLUMNS = (
    MessageRow.id,
    MessageRow.client_id,
    MessageRow.sender_id,
    MessageRow.receiver_id,
    MessageRow.text,
    MessageRow.reply_to_id,
    MessageRow.created_at,
    MessageRow.edited_at,
    MessageRow.deleted_at,
    MessageRow.revision,
)
ATTACHMENT_COLUMNS = (
    AttachmentRow.id,
    AttachmentRow.uploader_id,
    AttachmentRow.message_id,
    AttachmentRow.filename,
    AttachmentRow.content_type,
    AttachmentRow.size,
    AttachmentRow.width,
    AttachmentRow.height,
    AttachmentRow.has_thumbnail,
)


PEOPLE = Rows("people", id=BigInteger())
PAIRS = Rows("pairs", user_id=BigInteger(), peer_id=BigInteger())
SENT = Rows("sent", sender_id=BigInteger(), client_id=Uuid())


async def load(connection: AsyncConnection, needs: Needs, now: datetime) -> tuple[State, dict[int, int]]:
    """The state that commands with these needs work on, and the journal heads of everybody locked for it."""
    state = State(now=now)
    # Who takes part in a message never changes, so it may be read before anything is locked.
    pairs = needs.pairs | await _pairs_of(connection, needs.message_ids)
    profiles = await _peers_of(connection, needs.profiles)
    people = {user for pair in pairs for user in pair} | {peer for peers in profiles.values() for peer in peers}
    await lock_people(connection, people)
    known = await _load_people(connection, people)  # a statement of its own, which sees what was done before the locks
    heads = {row.id: row.seq for row in known}
    state.active_users = {row.id for row in known if row.deleted_at is None}
    state.known_users = set(heads)
    await _load_pairs(connection, state, pairs)
    if needs.message_ids:
        _add(state, await messages(connection, MessageRow.id.in_(needs.message_ids)))
    if needs.sent:
        statement = _sent_before(connection.dialect.name)
        _add(state, await _messages(connection, statement, SENT.parameters(connection, needs.sent)))
    if needs.attachment_ids:
        # Locked, so that the sweeper cannot take one away while it is being sent.
        wanted = await attachments(connection, AttachmentRow.id.in_(needs.attachment_ids), lock=True)
        state.attachments = {attachment.id: attachment for attachment in wanted}
    if needs.receipts:
        state.without_receipts = await without_receipts(connection, needs.receipts)
    await _load_profiles(connection, state, profiles)
    return state, heads


async def _load_people(connection: AsyncConnection, people: Collection[int]) -> Sequence[AnyRow]:
    """Those of them who exist: whether the account was deleted, and the journal's head."""
    if not people:
        return []
    given = PEOPLE.parameters(connection, [(user,) for user in people])
    return (await connection.execute(_people(connection.dialect.name), given)).all()


@cache
def _people(dialect: str) -> AnySelect:
    ids = select(PEOPLE.source(dialect).c.id)
    return select(UserRow.id, UserRow.deleted_at, head_of(UserRow.id).label("seq")).where(UserRow.id.in_(ids))


@cache
def _sent_before(dialect: str) -> AnySelect:
    sent = SENT.source(dialect)
    key = tuple_(MessageRow.sender_id, MessageRow.client_id)
    return select(*MESSAGE_COLUMNS).where(key.in_(select(sent.c.sender_id, sent.c.client_id)))


def _add(state: State, found: Iterable[MessageState]) -> None:
    for message in found:
        state.messages[message.id] = message
        state.sent[message.sender_id, message.client_id] = message


async def _pairs_of(connection: AsyncConnection, message_ids: set[int]) -> set[Pair]:
    if not message_ids:
        return set()
    statement = select(MessageRow.low_id, MessageRow.high_id).where(MessageRow.id.in_(message_ids))
    return {(row.low_id, row.high_id) for row in await connection.execute(statement)}


async def _peers_of(connection: AsyncConnection, users: set[int]) -> dict[int, list[int]]:
    peers: dict[int, list[int]] = {user: [] for user in users}
    if users:
        statement = select(ConversationRow.user_id, ConversationRow.peer_id).where(ConversationRow.user_id.in_(users))
        for row in await connection.execute(statement):
            peers[row.user_id].append(row.peer_id)
    return peers


async def _load_pairs(connection: AsyncConnection, state: State, pairs: Iterable[Pair]) -> None:
    both = {pair for one, other in pairs for pair in ((one, other), (other, one))}
    if not both:
        return
    for row in await connection.execute(_sides(connection.dialect.name), PAIRS.parameters(connection, both)):
        if row.blocker_id is not None:
            state.blocks.add((row.user_id, row.peer_id))
        if row.is_begun:
            state.marks[row.user_id, row.peer_id] = Marks(row.read_id, row.delivered_id)


@cache
def _sides(dialect: str) -> AnySelect:
    """Each side's block and marks, as far as there are any."""
    pair = PAIRS.source(dialect)
    return (
        select(
            pair.c.user_id,
            pair.c.peer_id,
            BlockRow.blocker_id,
            ConversationRow.user_id.is_not(None).label("is_begun"),
            ConversationRow.read_id,
            ConversationRow.delivered_id,
        )
        .select_from(pair)
        .outerjoin(BlockRow, and_(BlockRow.blocker_id == pair.c.user_id, BlockRow.blocked_id == pair.c.peer_id))
        .outerjoin(
            ConversationRow,
            and_(ConversationRow.user_id == pair.c.user_id, ConversationRow.peer_id == pair.c.peer_id),
        )
    )


async def _load_profiles(connection: AsyncConnection, state: State, peers: dict[int, list[int]]) -> None:
    if not peers:
        return
    statement = (
        select(UserRow.id, UserRow.revision, AnnouncedRow.revision.label("announced"))
        .outerjoin(AnnouncedRow, AnnouncedRow.user_id == UserRow.id)
        .where(UserRow.id.in_(peers))
    )
    for row in await connection.execute(statement):
        state.profiles[row.id] = Profile(row.revision, row.announced or 1, peers[row.id])


async def messages(connection: AsyncConnection, where: ColumnElement[bool]) -> list[MessageState]:
    """The messages of a condition with their attachments and reactions, in ascending id."""
    return await _messages(connection, select(*MESSAGE_COLUMNS).where(where).order_by(MessageRow.id), {})


async def _messages(
    connection: AsyncConnection, statement: AnySelect, parameters: Mapping[str, Any]
) -> list[MessageState]:
    rows = await connection.execute(statement, parameters)
    found = {row.id: MessageState(**row._mapping) for row in rows}
    if found:
        for attachment in await attachments(connection, AttachmentRow.message_id.in_(found)):
            assert attachment.message_id is not None
            found[attachment.message_id].attachments.append(attachment)
        reactions = (
            select(ReactionRow.message_id, ReactionRow.emoji, ReactionRow.user_id, ReactionRow.created_at)
            .where(ReactionRow.message_id.in_(found))
            .order_by(ReactionRow.created_at, ReactionRow.user_id)
        )
        for row in await connection.execute(reactions):
            found[row.message_id].reactions[row.emoji, row.user_id] = row.created_at
    return list(found.values())


async def attachments(
    connection: AsyncConnection, where: ColumnElement[bool], *, lock: bool = False
) -> list[AttachmentState]:
    """The attachments of a condition, each message's in their order."""
    statement = select(*ATTACHMENT_COLUMNS).where(where)
    statement = statement.order_by(AttachmentRow.message_id, AttachmentRow.position, AttachmentRow.id)
    rows = await connection.execute(locked(connection, statement) if lock else statement)
    return [AttachmentState(**row._mapping) for row in rows]
