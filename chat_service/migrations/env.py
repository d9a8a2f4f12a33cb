"""Alembic's environment for chat_service."""

import asyncio

from chat_service.models import OWN_TABLES, VERSION_TABLE
from shared.database import Base
from shared.migrations import run_migrations

asyncio.run(run_migrations(Base.metadata, VERSION_TABLE, OWN_TABLES))
