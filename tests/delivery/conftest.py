"""The product in both shapes, for tests that restart it: nobody else may rely on these processes."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.delivery.party import Party, party
from tests.faults.shape import SETTINGS, make_embedded
from tests.harness.servers import Embedded, Stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that says `site: Stack` has no variant for one process alone."""
    items[:] = [item for item in items if not _is_impossible(item)]


def _is_impossible(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return False
    wants_stack = item.function.__annotations__.get("site") is Stack
    return wants_stack and item.callspec.params.get("site") == "embedded"


@pytest.fixture(scope="package", params=["embedded", "stack"])
def site(request: pytest.FixtureRequest) -> Iterator[Embedded | Stack]:
    """One process on SQLite; then nginx, three chat processes, PostgreSQL and Valkey."""
    is_alone = request.param == "embedded"
    # PostgreSQL itself is never crashed here.
    with make_embedded() if is_alone else Stack(chat_processes=3, env=SETTINGS, fsync=False) as running:
        yield running


@pytest.fixture
async def people(site: Embedded | Stack) -> AsyncIterator[Party]:
    """Makes people with an account."""
    async with party(site) as found:
        yield found
