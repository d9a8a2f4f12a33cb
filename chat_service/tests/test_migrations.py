"""The tables' history leads to the tables that the code knows, and back."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

import auth_service.__main__ as auth_commands
import chat_service.__main__ as chat_commands
from chat_service.models import OWN_TABLES, VERSION_TABLE
from shared.database import Base
from shared.engine import prepare_sqlite_folder

ONLY_ON_POSTGRES = "ix_search_chunks_text"


def configured(path: Path, scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["url"] = f"sqlite+aiosqlite:///{path}"
    return config


def differences(path: Path) -> list[object]:
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "version_table": VERSION_TABLE,
                    "include_object": lambda _o, name, kind, *_: (
                        name in OWN_TABLES if kind == "table" else name != ONLY_ON_POSTGRES
                    ),
                },
            )
            return list(compare_metadata(context, Base.metadata))
    finally:
        engine.dispose()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with auth_service's tables."""
    path = tmp_path / "database.sqlite3"
    prepare_sqlite_folder(f"sqlite+aiosqlite:///{path}")
    command.upgrade(configured(path, auth_commands.MIGRATIONS), "head")
    return path


def test_the_history_makes_the_tables_and_can_be_walked_back(path: Path) -> None:
    chat = configured(path, chat_commands.MIGRATIONS)
    command.upgrade(chat, "head")
    assert differences(path) == []
    command.downgrade(chat, "0001")
    assert differences(path)
    command.upgrade(chat, "head")
    assert differences(path) == []


def test_what_is_no_longer_kept_is_there_again_on_the_way_back(path: Path) -> None:
    chat = configured(path, chat_commands.MIGRATIONS)
    command.upgrade(chat, "head")
    with closing(sqlite3.connect(path)) as database, database:
        for number, (sender, receiver) in enumerate(((1, 2), (2, 1), (3, 1)), start=1):
            low, high = sorted((sender, receiver))
            database.execute(
                "INSERT INTO messages (id, client_id, sender_id, receiver_id, low_id, high_id, created_at, revision)"
                " VALUES (?, ?, ?, ?, ?, ?, '2026-01-01', 1)",
                (number, f"{number:032x}", sender, receiver, low, high),
            )
        database.executemany("INSERT INTO conversations (user_id, peer_id) VALUES (?, ?)", [(1, 2), (2, 1), (3, 1)])
        database.executemany(
            "INSERT INTO journal_events (user_id, seq, type, message_id) VALUES (?, ?, 'message.created', ?)",
            [(1, 1, 1), (1, 2, 2), (1, 3, 3), (2, 1, 1), (2, 2, 2), (3, 1, 3)],
        )
    command.downgrade(chat, "0007")
    with closing(sqlite3.connect(path)) as database:
        heads = database.execute("SELECT user_id, seq FROM journal_heads ORDER BY user_id").fetchall()
        last = database.execute(
            "SELECT user_id, peer_id, last_message_id FROM conversations ORDER BY user_id"
        ).fetchall()
    assert heads == [(1, 3), (2, 2), (3, 1)]
    assert last == [(1, 2, 2), (2, 1, 2), (3, 1, 3)]
    command.upgrade(chat, "head")
    assert differences(path) == []
