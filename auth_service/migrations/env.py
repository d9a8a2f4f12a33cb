"""Alembic's environment for auth_service."""

import asyncio

from auth_service.models import OWN_TABLES, VERSION_TABLE
from shared.database import Base
from shared.migrations import run_migrations

asyncio.run(run_migrations(Base.metadata, VERSION_TABLE, OWN_TABLES))
