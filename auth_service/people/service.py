"""Finding people."""

from auth_service.names import name_key
from auth_service.people import queries
from auth_service.people.schemas import PeoplePage
from shared.database import Database
from shared.errors import NotFound
from shared.paging import from_cursor, to_cursor
from shared.schemas import User
from shared.users import find_active, to_user

MAX_WORDS = 8


class People:
    """Everybody on this server, as others see them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(self, me: int, query: str, cursor: str | None, limit: int) -> PeoplePage:
        """People whose names contain every word of the query, in any script and case; all people for an empty one."""
        words = name_key(query).split()[:MAX_WORDS]
        position = from_cursor(cursor, str, int)
        after = None if position is None else (position[0], position[1])
        async with self._database.read() as connection:
            rows = await queries.find_people(connection, me, words, after, limit + 1)
        page = rows[:limit]
        more = len(rows) > limit
        return PeoplePage(
            items=[to_user(row) for row in page],
            next_cursor=to_cursor(page[-1].sort_key, page[-1].id) if more else None,
        )

    async def get(self, user_id: int) -> User:
        """One person; `NotFound` if unknown or deleted."""
        async with self._database.read() as connection:
            user = await find_active(connection, user_id)
        if user is None:
            raise NotFound
        return user
