"""The product in its two shapes. The same black-box suite runs on both."""

from collections.abc import Iterator

import pytest

from tests.harness.servers import Embedded, Stack

LIMITS_OFF = {"RATE_LIMITS": "off"}


@pytest.fixture(scope="session")
def embedded() -> Iterator[Embedded]:
    """One process on SQLite."""
    with Embedded(env=LIMITS_OFF) as server:
        yield server


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """nginx, auth_service, two chat_service processes, PostgreSQL and Valkey."""
    with Stack(chat_processes=2, env=LIMITS_OFF) as server:
        yield server


@pytest.fixture(scope="session", params=["embedded", "stack"])
def server(request: pytest.FixtureRequest) -> Embedded | Stack:
    """The product, once in each shape; tests see its addresses only."""
    found: Embedded | Stack = request.getfixturevalue(request.param)
    return found
