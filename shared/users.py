"""The `users` table, which both services see: auth_service writes and migrates it, chat_service only reads it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import BigInteger, Integer, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base
from shared.rows import AnyRow
from shared.schemas import User

# SQLite numbers rows by itself only in a column of exactly the type INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")


class UserRow(Base):
    """An account. A deleted one keeps its row and its name keys, so that the name is never used again."""

    __tablename__ = "users"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    username: Mapped[str] = mapped_column(Text)
    username_key: Mapped[str] = mapped_column(Text, unique=True)
    """NFKC + casefold of the name: what makes two names the same."""
    email: Mapped[str | None] = mapped_column(Text)
    email_key: Mapped[str | None] = mapped_column(Text, unique=True)
    display_name: Mapped[str] = mapped_column(Text)
    sort_key: Mapped[str] = mapped_column(Text, index=True)
    """NFKC + casefold of the display name: the order of the people list."""
    search_text: Mapped[str] = mapped_column(Text)
    """NFKC + casefold of both names: what people search looks into."""
    password_hash: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    """+1 with each change that others see; chat_service announces it once per revision."""
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


PUBLIC = (UserRow.id, UserRow.username, UserRow.display_name, UserRow.created_at, UserRow.deleted_at)


def to_user(row: AnyRow) -> User:
    """A row of `PUBLIC` columns as others may see it."""
    if row.deleted_at is not None:
        return User(id=row.id, username=None, display_name=None, created_at=row.created_at)
    return User.model_validate(row)


async def load_users(connection: AsyncConnection, ids: Iterable[int]) -> dict[int, User]:
    """People by id, deleted ones with null names; unknown ids are left out."""
    rows = await connection.execute(select(*PUBLIC).where(UserRow.id.in_(set(ids))))
    return {row.id: to_user(row) for row in rows}


async def find_active(connection: AsyncConnection, user_id: int) -> User | None:
    """The person, if there is such an account and it was not deleted."""
    user = (await load_users(connection, [user_id])).get(user_id)
    return user if user is not None and user.username is not None else None
