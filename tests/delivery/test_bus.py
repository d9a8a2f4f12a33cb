"""Without Valkey, dead or hanging, messages cross processes all the same; with it again, at once."""

import asyncio
import signal
import time
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from tests.delivery.party import Line, Member, Party, chat_urls, chat_ws_urls, new_client_id, reach
from tests.harness.servers import Stack

WITHOUT_BUS = 10.0
WITH_BUS = 3.0
TYPING_EVERY = 0.1
Act = Callable[[Stack], None]


class Listening(Line):
    """A device that also notes who is typing: that goes over the bus alone, and nothing heals it."""

    is_typing = False

    def _take(self, frame: dict[str, Any]) -> None:
        self.is_typing = self.is_typing or frame["type"] == "typing"
        super()._take(frame)


def die(stack: Stack) -> None:
    stack.kill("valkey")


def live_again(stack: Stack) -> None:
    stack.start_server("valkey")


def hang(stack: Stack) -> None:
    stack.valkey.process.signal(signal.SIGSTOP)


def go_on(stack: Stack) -> None:
    stack.valkey.process.signal(signal.SIGCONT)


class Crossing:
    """Ann writes at the first process; Bob listens at each of the others."""

    def __init__(self, people: Party, ann: Member, bob: Member) -> None:
        self._ann, self._bob = ann, bob
        self._at = chat_urls(people.site)[0]
        self._random = Random(ann.id)
        urls = chat_ws_urls(people.site)
        self._line = people.line(ann, urls[0])
        self.there = [people.connect(Listening, bob, url, seed=n) for n, url in enumerate(urls[1:], 1)]

    async def connected(self) -> None:
        await reach(lambda: all(line.is_live for line in [self._line, *self.there]), "all sockets")

    async def send_both_ways(self) -> None:
        """By REST and by socket; each must succeed."""
        text, to = "without a bus", self._bob.id
        body = {"text": text, "client_id": new_client_id(self._random)}
        await self._ann.api.call("POST", f"{self._at}/api/messages", json=body | {"receiver_id": to})
        await self._line.ask(body | {"type": "send", "to": to, "client_id": new_client_id(self._random)})

    async def arrived(self, count: int, seconds: float) -> float:
        """How long it took until everybody has so many messages."""
        return await reach(lambda: all(line.log.last >= count for line in self.there), f"{count} messages", seconds)

    async def subscribed(self, seconds: float) -> None:
        """That one is typing may be lost: it is told again until it comes."""
        deadline = time.monotonic() + seconds
        while not all(line.is_typing for line in self.there):
            assert time.monotonic() < deadline, f"no typing within {seconds:g} s: nobody subscribed again"
            await self._line.ask({"type": "typing", "peer_id": self._bob.id, "on": True})
            await asyncio.sleep(TYPING_EVERY)


@pytest.mark.parametrize(("end", "begin"), [(die, live_again), (hang, go_on)], ids=["dies", "hangs"])
async def test_messages_cross_while_valkey_is_away(site: Stack, people: Party, end: Act, begin: Act) -> None:
    crossing = Crossing(people, await people.join(), await people.join())
    await crossing.connected()
    await crossing.send_both_ways()
    await crossing.arrived(2, WITH_BUS)

    await asyncio.to_thread(end, site)
    try:
        await crossing.send_both_ways()
        await crossing.arrived(4, WITHOUT_BUS)
        assert not any(line.is_typing for line in crossing.there)
    finally:
        await asyncio.to_thread(begin, site)

    await crossing.send_both_ways()
    took = await crossing.arrived(6, WITH_BUS)
    await crossing.subscribed(WITH_BUS - took)
