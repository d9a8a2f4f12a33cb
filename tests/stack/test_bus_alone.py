"""A process that is alone tells others nothing, which nobody would hear; whoever joins is told everything at once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import redis.asyncio as redis

from shared import bus as bus_module
from shared.bus import CHANNEL, ValkeyBus
from tests.harness.valkey import Valkey


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(Path(tmp_path_factory.mktemp("valkey")))
    with server:
        yield server


@pytest.fixture(autouse=True)
def _soon_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Soon alone, and only a greeting ends that: nobody says again that they are here."""
    monkeypatch.setattr(bus_module, "ALONE_SECONDS", 0.1)
    monkeypatch.setattr(bus_module, "HERE_SECONDS", 60.0)


@asynccontextmanager
async def joined(valkey: Valkey) -> AsyncIterator[ValkeyBus]:
    bus = ValkeyBus(valkey.url)
    await bus.start()
    try:
        await reach(bus.is_ready)
        yield bus
    finally:
        await bus.stop()


async def reach(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while True:
            met = condition()
            if await met if asyncio.iscoroutine(met) else met:
                return
            await asyncio.sleep(0.01)


async def test_who_is_alone_says_nothing_until_another_joins(valkey: Valkey) -> None:
    observer = redis.from_url(valkey.url).pubsub(ignore_subscribe_messages=True)
    await observer.subscribe(CHANNEL)

    async def is_silent() -> bool:
        """A hint, then a message for everybody: which of them goes out?"""
        one.publish("hint", {}, to_others=True)
        one.publish("end", {})
        heard = b""
        while b'"end"' not in heard:
            heard = (await observer.get_message(timeout=1) or {}).get("data", b"")
            if b'"hint"' in heard:
                return await is_not_silent()
        return True

    async def is_not_silent() -> bool:
        while b'"end"' not in (await observer.get_message(timeout=1) or {}).get("data", b""):
            pass
        return False

    async with joined(valkey) as one:
        assert not await is_silent()
        await reach(is_silent)
        hints: list[object] = []
        async with joined(valkey) as two:
            two.subscribe("hint", hints.append)

            def has_come() -> bool:
                one.publish("hint", {}, to_others=True)
                return bool(hints)

            await reach(has_come)
        await reach(is_silent)
    await observer.aclose()
