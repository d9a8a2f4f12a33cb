"""A process that is alone tells others nothing, which nobody would hear; whoever joins is told everything at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import redis.asyncio as redis

from shared import bus as bus_module
from shared.bus import PREFIX, Message, ValkeyBus
from tests.harness.valkey import Valkey


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(Path(tmp_path_factory.mktemp("valkey")))
    with server:
        yield server


@asynccontextmanager
async def joined(
    valkey: Valkey,
    *topics: str,
    hear: Callable[[Message], None] = lambda _: None,
    connected: Callable[[], None] = lambda: None,
) -> AsyncIterator[ValkeyBus]:
    """A process that listens to these."""
    bus = ValkeyBus(valkey.url)
    bus.on_connected(connected)
    for topic in topics:
        bus.subscribe(topic, hear)
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


@asynccontextmanager
async def overheard(valkey: Valkey, bus: ValkeyBus) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """Whether a hint of this process goes out, by somebody who is no subscriber of the topic."""
    observer = redis.from_url(valkey.url).pubsub(ignore_subscribe_messages=True)
    await observer.psubscribe(PREFIX + b"*")

    async def is_said() -> bool:
        """A hint, then a message for everybody: which of them goes out?"""
        bus.publish("hint", {}, to_others=True)
        bus.publish("end", {})
        heard: list[bytes] = []
        while not heard or heard[-1] != PREFIX + b"end":
            message = await observer.get_message(timeout=1)
            if message is not None:
                heard.append(message["channel"])
        return PREFIX + b"hint" in heard

    try:
        yield is_said
    finally:
        await observer.aclose()


@pytest.fixture(autouse=True)
def _only_counted_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who joins has to be heard: no later count finds them."""
    monkeypatch.setattr(bus_module, "COUNT_SECONDS", 60.0)


async def test_who_is_alone_says_nothing_until_another_joins(valkey: Valkey) -> None:
    async with joined(valkey, "hint") as one, overheard(valkey, one) as is_said:
        await reach_silence(is_said)
        hints: list[Message] = []
        async with joined(valkey, "hint", hear=hints.append):

            def has_come() -> bool:
                one.publish("hint", {}, to_others=True)
                return bool(hints)

            await reach(has_come)
            assert await is_said()


async def test_who_joins_is_told_again_when_hints_were_withheld_from_them(valkey: Valkey) -> None:
    told: list[bool] = []
    async with joined(valkey, "hint") as one, overheard(valkey, one) as is_said:
        await reach_silence(is_said)
        async with joined(valkey, "hint", connected=lambda: told.append(True)):
            await reach(lambda: len(told) == 2)


async def test_who_is_left_alone_says_nothing_any_more(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_module, "COUNT_SECONDS", 0.05)
    async with joined(valkey, "hint") as one, overheard(valkey, one) as is_said:
        async with joined(valkey, "hint"):
            await reach(is_said)
        await reach_silence(is_said)


async def test_who_listens_to_something_else_is_not_told(valkey: Valkey) -> None:
    async with joined(valkey, "hint") as one, overheard(valkey, one) as is_said:
        await reach_silence(is_said)
        async with joined(valkey, "other") as other:
            await reach(other.is_ready)
            assert not await is_said()


async def test_with_the_server_back_nobody_is_missed(valkey: Valkey) -> None:
    hints: list[Message] = []
    async with joined(valkey, "hint") as one, joined(valkey, "hint", hear=hints.append) as two:
        valkey.kill()
        await reach(lambda: _is_not_ready(one))
        await reach(lambda: _is_not_ready(two))
        valkey.start()
        await reach(one.is_ready)
        await reach(two.is_ready)
        one.publish("hint", {}, to_others=True)
        await reach(lambda: hints)


async def test_with_the_server_back_the_first_hears_of_the_second(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both spoke before, so what the second says first finds a connection that is no more."""
    hints: list[Message] = []
    async with joined(valkey, "hint") as one, joined(valkey, "hint", hear=hints.append) as two:
        listen, may_listen = two._listen, asyncio.Event()

        async def listen_later() -> None:
            await may_listen.wait()
            await listen()

        for _ in range(2):
            one.publish("hint", {})
            two.publish("hint", {})
        await reach(lambda: len(hints) == 4)
        await reach(one.is_ready)
        await reach(two.is_ready)
        monkeypatch.setattr(two, "_listen", listen_later)
        valkey.kill()
        await reach(lambda: not one._is_listening)
        valkey.start()
        await reach(one.is_ready)
        async with overheard(valkey, one) as is_said:
            await reach_silence(is_said)
        hints.clear()
        may_listen.set()

        def has_come() -> bool:
            one.publish("hint", {}, to_others=True)
            return bool(hints)

        await reach(has_come)


async def _is_not_ready(bus: ValkeyBus) -> bool:
    return not await bus.is_ready()


async def reach_silence(is_said: Callable[[], Awaitable[bool]]) -> None:
    async def is_silent() -> bool:
        return not await is_said()

    await reach(is_silent)
