"""Tables that chat_service writes and migrates. People are `shared.users`, which it only reads."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base
from shared.users import BigId


class MessageRow(Base):
    """A message. Deleting is logical: the row keeps its place and loses its content."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("sender_id", "client_id"),
        Index("ix_messages_pair", "low_id", "high_id", "id"),
        Index(
            "ix_messages_unread",
            "receiver_id",
            "sender_id",
            "id",
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    client_id: Mapped[UUID] = mapped_column(Uuid)
    sender_id: Mapped[int] = mapped_column(BigInteger)
    receiver_id: Mapped[int] = mapped_column(BigInteger)
    low_id: Mapped[int] = mapped_column(BigInteger)
    """The lower of the two people's ids; with `high_id`, what one conversation's messages have in common."""
    high_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str | None] = mapped_column(Text)
    search_text: Mapped[str | None] = mapped_column(Text)
    """The text as search compares it (search/words.py)."""
    reply_to_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("messages.id"))
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(Integer)


class AttachmentRow(Base):
    """A file. Without a message it is its uploader's alone, and is swept after a day."""

    __tablename__ = "attachments"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    uploader_id: Mapped[int] = mapped_column(BigInteger, index=True)
    message_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("messages.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    """Its place among the files of its message."""
    filename: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(Text)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    has_thumbnail: Mapped[bool]
    upload_id: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    """The resumable upload that it was, if it came so: whoever asks twice for the end of one gets this file."""
    created_at: Mapped[datetime]


class UploadRow(Base):
    """A file that is still coming in, in parts; swept after a day."""

    __tablename__ = "uploads"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    uploader_id: Mapped[int] = mapped_column(BigInteger, index=True)
    filename: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]


class UploadPartRow(Base):
    """Some bytes of an upload, stored under a key of their own."""

    __tablename__ = "upload_parts"

    upload_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("uploads.id"), primary_key=True)
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    """Where in the file its first byte belongs."""
    size: Mapped[int] = mapped_column(BigInteger)
    part_id: Mapped[UUID] = mapped_column(Uuid, unique=True)


class ReactionRow(Base):
    """One person's emoji on one message."""

    __tablename__ = "reactions"

    message_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("messages.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    emoji: Mapped[str] = mapped_column(Text, primary_key=True)
    created_at: Mapped[datetime]


class SearchChunkRow(Base):
    """Some successive messages of one conversation as one text (search/chunks.py). SQLite has no use for it."""

    __tablename__ = "search_chunks"
    __table_args__ = (
        Index("ix_search_chunks_low", "low_id", "first_id"),
        Index("ix_search_chunks_high", "high_id", "first_id"),
        Index(
            "ix_search_chunks_text",
            "text",
            postgresql_using="gin",
            postgresql_ops={"text": "gin_trgm_ops"},
            postgresql_with={"gin_pending_list_limit": 65536},  # KiB; search/index.py empties it long before
        ).ddl_if(dialect="postgresql"),
    )

    first_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last_id: Mapped[int] = mapped_column(BigInteger)
    low_id: Mapped[int] = mapped_column(BigInteger)
    high_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    """The messages' texts as search compares them, in a row."""


class SearchProgressRow(Base):
    """Up to where messages are in chunks. Whoever adds chunks locks it, and whoever changes a message shares it."""

    __tablename__ = "search_progress"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    until_id: Mapped[int] = mapped_column(BigInteger)


class ConversationRow(Base):
    """One person's side of a conversation, from its first message on: two rows, or one for notes to oneself."""

    __tablename__ = "conversations"
    # With room on its page a row is changed in place, and no index hears of it.
    __table_args__ = ({"postgresql_with": {"fillfactor": 70}},)

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    peer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    read_id: Mapped[int | None] = mapped_column(BigInteger)
    """The newest of the peer's messages that this person has read, and all before it."""
    delivered_id: Mapped[int | None] = mapped_column(BigInteger)


class BlockRow(Base):
    """One person does not want to hear from another."""

    __tablename__ = "blocks"

    blocker_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    blocked_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    created_at: Mapped[datetime]


class PreferencesRow(Base):
    """What a person has chosen; without a row, the defaults."""

    __tablename__ = "preferences"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    receipts: Mapped[bool]


class EventRow(Base):
    """One line of a person's journal. It refers to what changed; its data is built from the present state.

    The number of the newest one is the journal's head. Whoever writes one has locked the person (`lock_people`).
    """

    __tablename__ = "journal_events"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    """Whose mark moved, who was blocked, or whose profile changed."""
    peer_id: Mapped[int | None] = mapped_column(BigInteger)


class EpochRow(Base):
    """The name of the whole journal; it changes when numbers may have been given twice (a restore)."""

    __tablename__ = "journal_epoch"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    epoch: Mapped[UUID] = mapped_column(Uuid)


class AnnouncedRow(Base):
    """Which revision of a person's profile the journal has told their peers of."""

    __tablename__ = "announced_profiles"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)


class LastSeenRow(Base):
    """When a person's last socket closed."""

    __tablename__ = "last_seen"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime]


OWN_TABLES = {
    table.__tablename__
    for table in (
        MessageRow,
        AttachmentRow,
        UploadRow,
        UploadPartRow,
        ReactionRow,
        SearchChunkRow,
        SearchProgressRow,
        ConversationRow,
        BlockRow,
        PreferencesRow,
        EventRow,
        EpochRow,
        AnnouncedRow,
        LastSeenRow,
    )
}
VERSION_TABLE = "alembic_version_chat"
