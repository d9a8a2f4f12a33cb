"""What the people endpoints say."""

from shared.schemas import Schema, User


class PeoplePage(Schema):
    """A page of people by name; `next_cursor` is null on the last one."""

    items: list[User]
    next_cursor: str | None
