"""Tables that auth_service writes and migrates."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base
from shared.revocation import EndedSession
from shared.users import UserRow


class SessionRow(Base):
    """One signed-in device. Rotation turns the refresh token in place: one row, however long it lives.

    No token is stored: hashes recognise a token, and generation and nonce let its successor be made again (ADR 0002).
    """

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id"), index=True)
    generation: Mapped[int] = mapped_column(Integer)
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    kid: Mapped[str] = mapped_column(Text)
    """Which key of the ring the current token was made with."""
    current_hash: Mapped[bytes] = mapped_column(LargeBinary)
    previous_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    issued_at: Mapped[datetime]
    """When the current token was first issued."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    """The absolute end, however busy the session is."""
    ended_at: Mapped[datetime | None]
    ip: Mapped[str] = mapped_column(Text)
    user_agent: Mapped[str] = mapped_column(Text)


OWN_TABLES = {table.__tablename__ for table in (UserRow, SessionRow, EndedSession)}
VERSION_TABLE = "alembic_version_auth"
