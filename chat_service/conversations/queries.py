"""SQL of conversations."""

from collections.abc import Sequence

from sqlalchemy import CTE, BigInteger, Subquery, and_, bindparam, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from chat_service.models import AnnouncedRow, BlockRow, ConversationRow, MessageRow
from shared.database import Database
from shared.rows import AnyRow, AnySelect
from shared.schemas import User
from shared.users import PUBLIC, UserRow, to_user


async def newest_conversations(
    connection: AsyncConnection, user_id: int, peer_id: int | None, before: int | None, limit: int
) -> Sequence[AnyRow]:
    """My sides of conversations (with all or one) with the peer's marks, by their last message, newest first.

    The last messages of all are looked up and sorted for that: to keep them would change two rows for every message
    (docs/adr/0024).
    """
    mine = _mine(user_id, peer_id)
    page = select(mine)
    if before is not None:
        page = page.where(mine.c.last_message_id < before)
    side = page.order_by(mine.c.last_message_id.desc()).limit(limit).subquery("side")
    return (await connection.execute(_with_peers(user_id, side).order_by(side.c.last_message_id.desc()))).all()


def _mine(user_id: int, peer_id: int | None) -> CTE:
    """My sides, of all conversations or of one, each with its `last_message_id`."""
    is_low = ConversationRow.user_id < ConversationRow.peer_id
    last = (
        select(MessageRow.id)
        .where(
            MessageRow.low_id == case((is_low, ConversationRow.user_id), else_=ConversationRow.peer_id),
            MessageRow.high_id == case((is_low, ConversationRow.peer_id), else_=ConversationRow.user_id),
        )
        .order_by(MessageRow.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    columns = ConversationRow.user_id, ConversationRow.peer_id, ConversationRow.read_id
    mine = select(*columns, last.label("last_message_id")).where(ConversationRow.user_id == user_id)
    if peer_id is not None:
        mine = mine.where(ConversationRow.peer_id == peer_id)
    # Otherwise PostgreSQL would look the last ones up again for each place where they are named.
    return mine.cte("mine").prefix_with("MATERIALIZED", dialect="postgresql")


def _with_peers(user_id: int, side: Subquery) -> AnySelect:
    """What is shown of these sides of mine."""
    peer_side = aliased(ConversationRow)
    # How many undeleted messages of the peer come after my mark; notes to myself are never unread. Counted for one row
    # after the other: a join would read all that these peers ever sent.
    unread = (
        select(func.count())
        .where(
            MessageRow.receiver_id == side.c.user_id,
            MessageRow.sender_id == side.c.peer_id,
            MessageRow.sender_id != user_id,
            MessageRow.deleted_at.is_(None),
            MessageRow.id > func.coalesce(side.c.read_id, 0),
        )
        .scalar_subquery()
    )
    return (
        select(
            side.c.peer_id,
            side.c.last_message_id,
            side.c.read_id.label("my_read_id"),
            peer_side.read_id.label("peer_read_id"),
            peer_side.delivered_id.label("peer_delivered_id"),
            BlockRow.blocked_id.is_not(None).label("blocked"),
            unread.label("unread_count"),
        )
        .outerjoin(
            peer_side,
            and_(peer_side.user_id == side.c.peer_id, peer_side.peer_id == side.c.user_id),
        )
        .outerjoin(
            BlockRow,
            and_(BlockRow.blocker_id == side.c.user_id, BlockRow.blocked_id == side.c.peer_id),
        )
    )


async def blocked_people(connection: AsyncConnection, user_id: int) -> list[User]:
    """Whom I block, the latest first."""
    statement = (
        select(*PUBLIC)
        .join(BlockRow, BlockRow.blocked_id == UserRow.id)
        .where(BlockRow.blocker_id == user_id)
        .order_by(BlockRow.created_at.desc(), UserRow.id)
    )
    return [to_user(row) for row in await connection.execute(statement)]


TWO = bindparam("one", type_=BigInteger()), bindparam("other", type_=BigInteger())
BETWEEN = select(BlockRow.blocker_id).where(BlockRow.blocker_id.in_(TWO), BlockRow.blocked_id.in_(TWO)).limit(1)


async def is_blocked(database: Database, one: int, other: int) -> bool:
    """Whether either of two people blocks the other."""
    return bool(await database.fetch(BETWEEN, {"one": one, "other": other}, reads=True))


async def unannounced_profiles(connection: AsyncConnection, limit: int) -> list[int]:
    """People whose profile changed since their peers were told."""
    statement = (
        select(UserRow.id)
        .outerjoin(AnnouncedRow, AnnouncedRow.user_id == UserRow.id)
        .where(UserRow.revision > func.coalesce(AnnouncedRow.revision, 1))
        .limit(limit)
    )
    return list((await connection.execute(statement)).scalars())
