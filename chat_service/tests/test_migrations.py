"""The tables' history leads to the tables that the code knows, and back."""

from pathlib import Path

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


def test_the_history_makes_the_tables_and_can_be_walked_back(tmp_path: Path) -> None:
    path = tmp_path / "database.sqlite3"
    prepare_sqlite_folder(f"sqlite+aiosqlite:///{path}")
    command.upgrade(configured(path, auth_commands.MIGRATIONS), "head")
    chat = configured(path, chat_commands.MIGRATIONS)
    command.upgrade(chat, "head")
    assert differences(path) == []
    command.downgrade(chat, "0001")
    assert differences(path)
    command.upgrade(chat, "head")
    assert differences(path) == []
