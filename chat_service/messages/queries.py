"""SQL of histories."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.journal.loading import messages
from chat_service.journal.state import MessageState
from chat_service.models import MessageRow


@dataclass(frozen=True, slots=True)
class Slice:
    """Some messages of a conversation in ascending id, and whether there are more on either side."""

    messages: list[MessageState]
    more_before: bool
    more_after: bool


def between(one: int, other: int) -> ColumnElement[bool]:
    """The messages of two people."""
    return and_(MessageRow.low_id == min(one, other), MessageRow.high_id == max(one, other))


async def newest(connection: AsyncConnection, pair: ColumnElement[bool], limit: int) -> Slice:
    """The newest messages."""
    ids, more = await _down(connection, pair, limit)
    return Slice(await _load(connection, ids), more_before=more, more_after=False)


async def before(connection: AsyncConnection, pair: ColumnElement[bool], message_id: int, limit: int) -> Slice:
    """The messages just before this id."""
    ids, more = await _down(connection, and_(pair, MessageRow.id < message_id), limit)
    after_it, _ = await _up(connection, and_(pair, MessageRow.id >= message_id), 1)
    return Slice(await _load(connection, ids), more_before=more, more_after=bool(after_it))


async def after(connection: AsyncConnection, pair: ColumnElement[bool], message_id: int, limit: int) -> Slice:
    """The messages just after this id."""
    ids, more = await _up(connection, and_(pair, MessageRow.id > message_id), limit)
    before_it, _ = await _down(connection, and_(pair, MessageRow.id <= message_id), 1)
    return Slice(await _load(connection, ids), more_before=bool(before_it), more_after=more)


async def around(connection: AsyncConnection, pair: ColumnElement[bool], message_id: int, limit: int) -> Slice:
    """The message itself, if it is there, in the middle of its neighbours."""
    older, more_before = await _down(connection, and_(pair, MessageRow.id < message_id), limit // 2)
    newer, more_after = await _up(connection, and_(pair, MessageRow.id >= message_id), limit - len(older))
    if len(older) + len(newer) < limit and more_before:  # near the end: fill up from the past
        older, more_before = await _down(connection, and_(pair, MessageRow.id < message_id), limit - len(newer))
    return Slice(await _load(connection, older + newer), more_before, more_after)


async def first_since(connection: AsyncConnection, pair: ColumnElement[bool], time: datetime) -> int | None:
    """The first message that was sent at this time or later.

    Ids grow with time, so halving what lies between finds it in some twenty steps, without an index of its own.
    """
    bounds = select(func.min(MessageRow.id), func.max(MessageRow.id)).where(pair)
    low, high = (await connection.execute(bounds)).one()
    found: int | None = None
    while low is not None and low <= high:
        middle = (low + high) // 2
        statement = select(MessageRow.id, MessageRow.created_at).where(pair, MessageRow.id >= middle)
        row = (await connection.execute(statement.order_by(MessageRow.id).limit(1))).one()
        if row.created_at >= time:
            found, high = row.id, middle - 1
        else:
            low = row.id + 1
    return found


async def _down(connection: AsyncConnection, where: ColumnElement[bool], limit: int) -> tuple[list[int], bool]:
    statement = select(MessageRow.id).where(where).order_by(MessageRow.id.desc()).limit(limit + 1)
    ids = list((await connection.execute(statement)).scalars())
    return ids[:limit], len(ids) > limit


async def _up(connection: AsyncConnection, where: ColumnElement[bool], limit: int) -> tuple[list[int], bool]:
    statement = select(MessageRow.id).where(where).order_by(MessageRow.id).limit(limit + 1)
    ids = list((await connection.execute(statement)).scalars())
    return ids[:limit], len(ids) > limit


async def _load(connection: AsyncConnection, ids: list[int]) -> list[MessageState]:
    return await messages(connection, MessageRow.id.in_(ids)) if ids else []
