"""Visitors and people for the stack's tests."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.harness.servers import Stack
from tests.stack.people import SECONDS, Person, new_person


@pytest.fixture
def visitor(stack: Stack) -> Iterator[httpx2.Client]:
    """Somebody without an account."""
    with httpx2.Client(base_url=stack.base_url, timeout=SECONDS) as client:
        yield client


@pytest.fixture
def ann(stack: Stack) -> Iterator[Person]:
    """Somebody who is signed in."""
    with httpx2.Client(base_url=stack.base_url, timeout=SECONDS) as client:
        yield new_person(client)


@pytest.fixture
def bob(stack: Stack) -> Iterator[Person]:
    """Somebody else who is signed in."""
    with httpx2.Client(base_url=stack.base_url, timeout=SECONDS) as client:
        yield new_person(client)
