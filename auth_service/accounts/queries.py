"""SQL of accounts."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.rows import AnyRow
from shared.users import UserRow


async def find_taken(connection: AsyncConnection, username_key: str, email_key: str) -> AnyRow | None:
    """An account, living or deleted, that holds one of these keys; the name's holder first."""
    statement = (
        select(UserRow.username_key, UserRow.email_key)
        .where(or_(UserRow.username_key == username_key, UserRow.email_key == email_key))
        .order_by((UserRow.username_key == username_key).desc())
        .limit(1)
    )
    return (await connection.execute(statement)).one_or_none()


async def add_user(connection: AsyncConnection, values: dict[str, Any]) -> AnyRow:
    """Store a new account and return its row."""
    statement = insert(UserRow).values(values).returning(*UserRow.__table__.columns)
    return (await connection.execute(statement)).one()


async def find_user(connection: AsyncConnection, user_id: int) -> AnyRow | None:
    """The living account of this id."""
    statement = select(*UserRow.__table__.columns).where(UserRow.id == user_id, UserRow.deleted_at.is_(None))
    return (await connection.execute(statement)).one_or_none()


async def change_user(connection: AsyncConnection, user_id: int, **values: object) -> None:
    """Change columns that others do not see."""
    await connection.execute(update(UserRow).where(UserRow.id == user_id).values(**values))


async def change_profile(connection: AsyncConnection, user_id: int, **values: object) -> AnyRow | None:
    """Change columns that others see: a new revision, which chat_service announces."""
    statement = (
        update(UserRow)
        .where(UserRow.id == user_id, UserRow.deleted_at.is_(None))
        .values(revision=UserRow.revision + 1, **values)
        .returning(*UserRow.__table__.columns)
    )
    return (await connection.execute(statement)).one_or_none()


async def erase_user(connection: AsyncConnection, user_id: int, now: datetime) -> None:
    """Make an account a deleted one: what it said stays, who it was does not. Its name key stays taken."""
    await change_profile(
        connection,
        user_id,
        deleted_at=now,
        username="",
        display_name="",
        email=None,
        email_key=None,
        password_hash=None,
        search_text="",
        sort_key="",
    )
