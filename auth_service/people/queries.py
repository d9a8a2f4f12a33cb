"""SQL of people search."""

from collections.abc import Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database import escape_like
from shared.rows import AnyRow
from shared.users import PUBLIC, UserRow


async def find_people(
    connection: AsyncConnection, me: int, words: list[str], after: tuple[str, int] | None, limit: int
) -> Sequence[AnyRow]:
    """Living people but me whose names contain all words, by display name, after that position."""
    statement = (
        select(*PUBLIC, UserRow.sort_key)
        .where(UserRow.deleted_at.is_(None), UserRow.id != me)
        .order_by(UserRow.sort_key, UserRow.id)
        .limit(limit)
    )
    for word in words:
        statement = statement.where(UserRow.search_text.like(f"%{escape_like(word)}%", escape="\\"))
    if after is not None:
        statement = statement.where(tuple_(UserRow.sort_key, UserRow.id) > after)
    return (await connection.execute(statement)).all()
