"""Journals that share a database: what the tests of two processes need."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from chat_service.journal.journal import Journal
from chat_service.tests.conftest import open_database
from shared.bus import LocalBus
from shared.database import Database
from tests.harness.postgres import Postgres
from tests.harness.servers import migrate
from tests.statements.sends import hello


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def make_url(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Gives a new database, which is migrated, each time."""
    # Not in pytest's own folder, as in `test_statements`.
    folder = Path(tempfile.mkdtemp(prefix="communication-express-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        if request.param == "sqlite":
            first = folder / "first.sqlite3"
            migrate(f"sqlite+aiosqlite:///{first}", folder)
            yield lambda: f"sqlite+aiosqlite:///{shutil.copy(first, folder / f'{uuid4()}.sqlite3')}"
            return
        server = stack.enter_context(Postgres(folder, fsync=False))
        server.create_database("first")
        migrate(server.url("first"), folder)

        def make() -> str:
            name = str(uuid4())
            server.create_database(name, like="first")
            return server.url(name)

        yield make


@pytest.fixture
async def database(make_url: Callable[[], str]) -> AsyncIterator[Database]:
    """A new one, in which the people have accounts."""
    async with open_database(make_url()) as database:
        yield database


@pytest.fixture
async def journal(database: Database) -> AsyncIterator[Journal]:
    """One process, in which 1 has written to 2."""
    journal = Journal(database, LocalBus())
    await journal.start()
    await journal.submit(hello())
    yield journal
    await journal.stop()


@pytest.fixture
async def other(database: Database) -> AsyncIterator[Journal]:
    """Another process."""
    journal = Journal(database, LocalBus())
    await journal.start()
    yield journal
    await journal.stop()
