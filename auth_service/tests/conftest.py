"""The session rules on a real SQLite database, with a clock that the test sets."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import insert

from auth_service.__main__ import MIGRATIONS
from auth_service.passwords import Passwords
from auth_service.sessions.housekeeping import Housekeeping
from auth_service.sessions.service import Device, Sessions
from auth_service.settings import AuthSettings
from shared.bus import LocalBus
from shared.database import Database
from shared.rate_limits import RateLimits
from shared.revocation import Revocations
from shared.server import migrate
from shared.tokens import KeyRing, Tokens
from shared.users import UserRow

SECRET = "f3K9-qWz7_Tn2LxV0sYbR8mJ4hDcPa6E"
DEVICE = Device(ip="192.0.2.1", user_agent="test")
NAME, PASSWORD = "olena", "correct horse battery"


class Clock:
    """Stands still until it is told to go."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class World:
    """One account and the service around it."""

    sessions: Sessions
    tokens: Tokens
    revocations: Revocations
    database: Database
    clock: Clock

    async def sign_in(self) -> str:
        """A new device; its refresh token."""
        return (await self.sessions.sign_in(NAME, PASSWORD, DEVICE)).refresh_token

    def session_of(self, access_token: str) -> UUID:
        """Which session a token belongs to."""
        return self.tokens.verify(access_token).session_id


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with this service's tables, made once and copied."""
    path = tmp_path_factory.mktemp("database") / "template.sqlite3"
    migrate(MIGRATIONS, f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def passwords() -> Iterator[Passwords]:
    """Hashing is slow on purpose; one pool serves all tests."""
    passwords = Passwords()
    yield passwords
    passwords.close()


@pytest.fixture(scope="session")
def account(migrated: Path, passwords: Passwords, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That database, with Olena's account in it."""
    path = tmp_path_factory.mktemp("account") / "account.sqlite3"
    shutil.copy(migrated, path)
    asyncio.run(_add_olena(path, passwords))
    return path


async def _add_olena(path: Path, passwords: Passwords) -> None:
    database = Database(f"sqlite+aiosqlite:///{path}")
    async with database.transaction() as connection:
        await connection.execute(
            insert(UserRow).values(
                username=NAME,
                username_key=NAME,
                email=f"{NAME}@example.com",
                email_key=f"{NAME}@example.com",
                display_name=NAME,
                sort_key=NAME,
                search_text=NAME,
                password_hash=await passwords.hash(PASSWORD),
                revision=1,
                created_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
        )
    await database.close()


@asynccontextmanager
async def open_world(path: Path, passwords: Passwords) -> AsyncIterator[World]:
    """The service on this database, at the beginning of time."""
    database = Database(f"sqlite+aiosqlite:///{path}")
    clock, bus, ring = Clock(), LocalBus(), KeyRing([SECRET])
    tokens, revocations = Tokens(ring, clock), Revocations(database, bus, clock)
    limits = RateLimits(enabled=False, redis_url=None)
    sessions = Sessions(
        database, AuthSettings(data_dir=path.parent), ring, tokens, passwords, limits, revocations, bus, clock
    )
    try:
        yield World(sessions, tokens, revocations, database, clock)
    finally:
        await database.close()


@pytest.fixture
async def world(account: Path, tmp_path: Path, passwords: Passwords) -> AsyncIterator[World]:
    """Olena, who can sign in, on a database of her own."""
    async with open_world(Path(shutil.copy(account, tmp_path)), passwords) as world:
        yield world


@pytest.fixture
def housekeeping(world: World, tmp_path: Path) -> Housekeeping:
    """What runs once an hour there; the test says when."""
    return Housekeeping(world.database, AuthSettings(data_dir=tmp_path), world.sessions, world.clock)
