"""The first half of a journal transaction: lock the people concerned, then read what the commands need."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.journal.state import AttachmentState, Marks, MessageState, Needs, Pair, Profile, State
from chat_service.models import (
    AnnouncedRow,
    AttachmentRow,
    BlockRow,
    ConversationRow,
    HeadRow,
    MessageRow,
    ReactionRow,
)
from chat_service.preferences.queries import without_receipts
from shared.database import locked
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


async def load(connection: AsyncConnection, needs: Needs, now: datetime) -> tuple[State, dict[int, int]]:
    """The state that commands with these needs work on, and the journal heads of everybody locked for it."""
    state = State(now=now)
    # Who takes part in a message never changes, so it may be read before anything is locked.
    pairs = needs.pairs | await _pairs_of(connection, needs.message_ids)
    profiles = await _peers_of(connection, needs.profiles)
    people = {user for pair in pairs for user in pair} | {peer for peers in profiles.values() for peer in peers}
    # Only people who exist have a journal: made-up ids must not leave rows behind.
    users = await connection.execute(select(UserRow.id, UserRow.deleted_at).where(UserRow.id.in_(people)))
    is_deleted = {row.id: row.deleted_at is not None for row in users}
    heads = await lock_heads(connection, is_deleted)
    state.active_users = {user for user, deleted in is_deleted.items() if not deleted}
    state.known_users = set(is_deleted)
    await _load_pairs(connection, state, pairs)
    sent = tuple_(MessageRow.sender_id, MessageRow.client_id).in_(needs.sent) if needs.sent else None
    await _load_messages(connection, state, needs.message_ids, sent)
    if needs.attachment_ids:
        # Locked, so that the sweeper cannot take one away while it is being sent.
        wanted = await attachments(connection, AttachmentRow.id.in_(needs.attachment_ids), lock=True)
        state.attachments = {attachment.id: attachment for attachment in wanted}
    if needs.receipts:
        state.without_receipts = await without_receipts(connection, needs.receipts)
    await _load_profiles(connection, state, profiles)
    return state, heads


async def lock_heads(connection: AsyncConnection, people: Collection[int]) -> dict[int, int]:
    """The newest seq of each person, their rows locked in id order, so that transactions never deadlock."""
    known = select(HeadRow.user_id).where(HeadRow.user_id.in_(people))
    missing = sorted(set(people) - set((await connection.execute(known)).scalars()))
    if missing:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        first = dialect.insert(HeadRow.__table__).values([{"user_id": user, "seq": 0} for user in missing])
        await connection.execute(first.on_conflict_do_nothing())
    heads = select(HeadRow.user_id, HeadRow.seq).where(HeadRow.user_id.in_(people)).order_by(HeadRow.user_id)
    return {row.user_id: row.seq for row in await connection.execute(locked(connection, heads))}


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
    blocks = select(BlockRow.blocker_id, BlockRow.blocked_id).where(
        tuple_(BlockRow.blocker_id, BlockRow.blocked_id).in_(both)
    )
    state.blocks = {(row.blocker_id, row.blocked_id) for row in await connection.execute(blocks)}
    sides = select(
        ConversationRow.user_id,
        ConversationRow.peer_id,
        ConversationRow.last_message_id,
        ConversationRow.read_id,
        ConversationRow.delivered_id,
    ).where(tuple_(ConversationRow.user_id, ConversationRow.peer_id).in_(both))
    for row in await connection.execute(sides):
        state.marks[row.user_id, row.peer_id] = Marks(row.last_message_id, row.read_id, row.delivered_id)


async def _load_messages(
    connection: AsyncConnection, state: State, ids: set[int], sent: ColumnElement[bool] | None
) -> None:
    wanted = [condition for condition in (MessageRow.id.in_(ids) if ids else None, sent) if condition is not None]
    if not wanted:
        return
    for message in await messages(connection, or_(*wanted)):
        state.messages[message.id] = message
        state.sent[message.sender_id, message.client_id] = message


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
    rows = await connection.execute(select(*MESSAGE_COLUMNS).where(where).order_by(MessageRow.id))
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
