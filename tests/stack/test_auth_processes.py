"""Two auth_service processes on one database behave as one."""

import asyncio
import statistics
import time
from collections.abc import Iterator

import httpx2
import pytest

from tests.harness.servers import PythonService, Stack
from tests.stack.people import Person, new_person

ROUNDS = 100
PARALLEL = 20
SAMPLES = 300
ROUNDS_OF_TIMING = 3


@pytest.fixture(scope="module")
def auth_urls(stack: Stack) -> Iterator[list[str]]:
    """Two processes."""
    second = PythonService(
        "auth_service-second", "auth_service", stack.folder, env=stack.auth.env, ready="/api/auth/ready"
    )
    second.start()
    yield [stack.auth.base_url, second.base_url]
    second.stop()


@pytest.fixture
def person(stack: Stack) -> Iterator[Person]:
    with httpx2.Client(base_url=stack.base_url) as client:
        yield new_person(client)


async def test_twenty_refreshes_at_once_are_one_rotation(auth_urls: list[str], person: Person) -> None:
    async with httpx2.AsyncClient(timeout=30) as client:

        async def refresh(url: str, token: str) -> httpx2.Response:
            form = {"grant_type": "refresh_token", "refresh_token": token}
            return await client.post(f"{url}/api/auth/token", data=form)

        signed_in = await client.post(f"{auth_urls[0]}/api/auth/token", data=person.login)
        token = signed_in.raise_for_status().json()["refresh_token"]
        for _ in range(ROUNDS):
            answers = await asyncio.gather(*(refresh(auth_urls[i % 2], token) for i in range(PARALLEL)))
            assert {answer.status_code for answer in answers} == {200}
            successors = {answer.json()["refresh_token"] for answer in answers}
            assert len(successors) == 1
            assert successors != {token}
            token = successors.pop()


async def test_a_session_that_ends_in_one_process_is_dead_in_the_other(auth_urls: list[str], person: Person) -> None:
    headers = {"Authorization": f"Bearer {person.token}"}
    async with httpx2.AsyncClient(headers=headers) as client:
        assert (await client.get(f"{auth_urls[1]}/api/users/me")).status_code == 200
        await client.post(f"{auth_urls[0]}/api/auth/logout")
        ended_at = time.monotonic()
        while (await client.get(f"{auth_urls[1]}/api/users/me")).status_code != 401:
            assert time.monotonic() - ended_at < 2


def test_an_unknown_name_takes_as_long_as_a_wrong_password(stack: Stack, person: Person) -> None:
    """A machine that is busy with something else may blur one round; a name that is answered sooner shows in each."""
    differences = []
    with httpx2.Client(base_url=stack.auth.base_url, timeout=30) as client:
        for _ in range(ROUNDS_OF_TIMING):
            differences.append(measure_difference(client, person.name, f"nobody-{person.name}"))
            if differences[-1] < 0.05:
                return
    pytest.fail(f"the medians differ by {differences}")


def measure_difference(client: httpx2.Client, known: str, unknown: str) -> float:
    """How far apart the median times are, as a part of one; interleaved, so that noise falls on both alike."""
    took: dict[str, list[float]] = {known: [], unknown: []}
    for _ in range(SAMPLES):
        for name, times in took.items():
            started = time.perf_counter()
            form = {"grant_type": "password", "username": name, "password": "not the password"}
            answer = client.post("/api/auth/token", data=form)
            times.append(time.perf_counter() - started)
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid_grant")
    one, other = (statistics.median(times) for times in took.values())
    return abs(one - other) / one
