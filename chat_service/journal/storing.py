"""The second half of a journal transaction: what the commands changed, in a few statements whatever their number."""

from typing import Any

from sqlalchemy import bindparam, delete, insert, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.journal.state import Event, MessageState, State
from chat_service.models import (
    AnnouncedRow,
    AttachmentRow,
    BlockRow,
    ConversationRow,
    EventRow,
    HeadRow,
    MessageRow,
    ReactionRow,
)
from chat_service.search.words import searchable
from shared.database import upsert


async def store(connection: AsyncConnection, state: State, heads: dict[int, int]) -> None:
    """Write the changes and their events; messages get their ids and events their numbers here."""
    await _store_new_messages(connection, state)
    await _store_changed_messages(connection, state)
    await _store_attachments(connection, state)
    await _store_reactions(connection, state)
    await _store_marks(connection, state)
    await _store_blocks(connection, state)
    if state.announced:
        rows = [{"user_id": user, "revision": revision} for user, revision in state.announced.items()]
        await connection.execute(upsert(connection, AnnouncedRow, rows))
    await _store_events(connection, state, heads)


async def _store_new_messages(connection: AsyncConnection, state: State) -> None:
    if not state.new_messages:
        return
    # The people are locked, so within a conversation ids ascend in commit order.
    statement = insert(MessageRow).returning(
        MessageRow.id, MessageRow.sender_id, MessageRow.client_id, sort_by_parameter_order=True
    )
    rows = await connection.execute(statement, [_new_message(message) for message in state.new_messages])
    for row in rows:
        state.sent[row.sender_id, row.client_id].id = row.id


def _new_message(message: MessageState) -> dict[str, Any]:
    return {
        "client_id": message.client_id,
        "sender_id": message.sender_id,
        "receiver_id": message.receiver_id,
        "low_id": min(message.people),
        "high_id": max(message.people),
        "text": message.text,
        "search_text": searchable(message.text),
        "reply_to_id": message.reply_to_id,
        "created_at": message.created_at,
        "edited_at": None,
        "deleted_at": None,
        "revision": message.revision,
    }


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


async def _store_marks(connection: AsyncConnection, state: State) -> None:
    rows = []
    for user_id, peer_id in sorted(state.changed_marks):
        marks = state.marks[user_id, peer_id]
        last = marks.last_message
        rows.append(
            {
                "user_id": user_id,
                "peer_id": peer_id,
                "last_message_id": last.id if isinstance(last, MessageState) else last,
                "read_id": marks.read_id,
                "delivered_id": marks.delivered_id,
            }
        )
    if rows:
        await connection.execute(upsert(connection, ConversationRow, rows))


async def _store_blocks(connection: AsyncConnection, state: State) -> None:
    if state.removed_blocks:
        key = tuple_(BlockRow.blocker_id, BlockRow.blocked_id)
        await connection.execute(delete(BlockRow).where(key.in_(state.removed_blocks)))
    if state.new_blocks:
        rows = [{"blocker_id": a, "blocked_id": b, "created_at": state.now} for a, b in sorted(state.new_blocks)]
        await connection.execute(insert(BlockRow), rows)


async def _store_events(connection: AsyncConnection, state: State, heads: dict[int, int]) -> None:
    rows = []
    moved = []
    for user_id, events in state.by_user():
        for seq, event in enumerate(events, start=heads[user_id] + 1):
            event.seq = seq
            if event.message is not None:
                event.message_id = event.message.id
            rows.append(_event(event))
        moved.append({"key": user_id, "head": events[-1].seq})
    if rows:
        await connection.execute(insert(EventRow), rows)
        statement = update(HeadRow.__table__).where(HeadRow.user_id == bindparam("key"))  # type: ignore[arg-type]
        await connection.execute(statement.values(seq=bindparam("head")), moved)


def _event(event: Event) -> dict[str, Any]:
    return {
        "user_id": event.user_id,
        "seq": event.seq,
        "type": event.type.value,
        "message_id": event.message_id,
        "subject_id": event.subject_id,
        "peer_id": event.peer_id,
    }
