"""People and clients for the API's tests."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx2
import pytest

from tests.api.calls import new_client
from tests.api.quick import Quick, quick_product
from tests.harness.servers import Embedded, Stack
from tests.stack.people import Person, new_person

Server = Embedded | Stack
Newcomer = Callable[[], Person]


@pytest.fixture(scope="session")
def chat_urls(server: Server) -> list[str]:
    """The gateway and every chat process by itself: what one of them knows, all know."""
    return [server.base_url, *(server.chat_urls if isinstance(server, Stack) else ())]


@pytest.fixture(scope="session")
def ws_urls(server: Server) -> list[str]:
    """Sockets of two chat processes (of the one process, if there is only one)."""
    return server.chat_ws_urls[:2] if isinstance(server, Stack) else [server.ws_url] * 2


@pytest.fixture
def visitor(server: Server) -> Iterator[httpx2.Client]:
    """Somebody without an account."""
    with new_client(server.base_url) as client:
        yield client


@pytest.fixture(scope="module")
def newcomer(server: Server) -> Iterator[Newcomer]:
    """Makes people with an account of their own, for tests that change something for good."""
    with ExitStack() as clients:
        yield lambda: new_person(clients.enter_context(new_client(server.base_url)))


@pytest.fixture(scope="module")
def ann(newcomer: Newcomer) -> Person:
    """Somebody who is signed in, for a whole file of tests."""
    return newcomer()


@pytest.fixture(scope="module")
def bob(newcomer: Newcomer) -> Person:
    """Somebody whom Ann writes with."""
    return newcomer()


@pytest.fixture(scope="module")
def eve(newcomer: Newcomer) -> Person:
    """A stranger to both."""
    return newcomer()


@pytest.fixture
def fresh_ann(newcomer: Newcomer) -> Person:
    """Somebody new, for one test."""
    return newcomer()


@pytest.fixture
def fresh_bob(newcomer: Newcomer) -> Person:
    """Somebody else who is new, for one test."""
    return newcomer()


@pytest.fixture(scope="session")
def quick(server: Server) -> Iterator[Quick]:
    """The product with short times; on the stack it shares the database with `server`."""
    with quick_product(server) as product:
        yield product


@pytest.fixture
def hasty(quick: Quick) -> Iterator[Person]:
    """Somebody new at the quick product."""
    with new_client(quick.auth_url) as client:
        yield new_person(client)
