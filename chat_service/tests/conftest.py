"""A migrated SQLite database, and people in it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert

import auth_service.__main__ as auth_commands
import chat_service.__main__ as chat_commands
from shared.bus import LocalBus
from shared.database import Database
from shared.engine import prepare_sqlite_folder
from shared.users import UserRow


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with both histories, made once and copied."""
    path = tmp_path_factory.mktemp("database") / "template.sqlite3"
    url = f"sqlite+aiosqlite:///{path}"
    prepare_sqlite_folder(url)
    for scripts in (auth_commands.MIGRATIONS, chat_commands.MIGRATIONS):
        config = Config()
        config.set_main_option("script_location", str(scripts))
        config.attributes["url"] = url
        command.upgrade(config, "head")
    return path


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    """This migrated database, with people 1, 2 and 3 in it."""
    database = Database(url)
    try:
        async with database.transaction() as connection:
            await connection.execute(insert(UserRow), [_person(number) for number in (1, 2, 3)])
        yield database
    finally:
        await database.close()


def _person(number: int) -> dict[str, object]:
    name = f"person{number}"
    return {
        "id": number,
        "username": name,
        "username_key": name,
        "email": f"{name}@example.com",
        "email_key": f"{name}@example.com",
        "display_name": name,
        "sort_key": name,
        "search_text": name,
        "revision": 1,
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }


@pytest.fixture
async def database(migrated: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A database of its own for each test."""
    async with open_database(f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path / 'test.sqlite3')}") as database:
        yield database


@pytest.fixture
def bus() -> LocalBus:
    """A bus of one process."""
    return LocalBus()
