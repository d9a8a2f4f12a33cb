"""A receiver whose connection breaks all the time, and a sender whose answers get lost, miss nothing."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from tests.delivery.cuts import CuttingProxy, Seen
from tests.delivery.party import Line, Member, Party, new_client_id, reach
from tests.faults.api import Api, Unknown, open_http
from tests.faults.history import CREATED
from tests.faults.proxy import Proxy
from tests.faults.shape import gateway_port, services
from tests.harness.processes import LOOPBACK
from tests.harness.servers import Embedded, PythonService, Stack

SEED = 20_261_123
MESSAGES = 1_000
HANDS = 4
"""The sender's devices. Each sends its share one after the other; together they fill the service's batches."""
CUTS = 100
SEEN_AT_LAST_CUT = 950
TERMINATED_AT, KILLED_AT = 350, 700
"""After so many acked messages some chat processes end: in the middle of everything, and while others go on."""
LOST_ANSWERS = 0.05
LONGEST_ANSWER = 600
BY_SOCKET = 0.7
LONGEST_PAUSE = 0.5
"""Between tries: whoever starts needs the processor more than we do."""


class Hand:
    """A device that sends one message after the other, each until it is acked, by socket or REST."""

    def __init__(self, me: Member, line: Line, proxy: Proxy, random: Random) -> None:
        self._me = me
        self._line = line
        self._proxy = proxy
        self._random = random
        self.acked: list[int] = []
        """The ids, in the order in which the messages were sent."""
        self.retries = 0

    async def write(self, to: Member, texts: list[str], acked: Callable[[], None]) -> None:
        for text in texts:
            self.acked.append(await self._deliver(to, text))
            acked()

    async def _deliver(self, to: Member, text: str) -> int:
        client_id = new_client_id(self._random)
        if self._random.random() < LOST_ANSWERS:
            for link in list(self._proxy.links):
                link.cut_after(self._random.randint(1, LONGEST_ANSWER))
        tries = 0
        while True:
            try:
                return int((await self._try(to, text, client_id))["id"])
            except Unknown:
                self.retries += 1
                tries += 1
                await asyncio.sleep(self._random.uniform(0, min(LONGEST_PAUSE, 0.01 * 2**tries)))

    async def _try(self, to: Member, text: str, client_id: str) -> Any:
        if self._line.is_live and self._random.random() < BY_SOCKET:
            return await self._line.ask({"type": "send", "to": to.id, "text": text, "client_id": client_id})
        body = {"receiver_id": to.id, "text": text, "client_id": client_id}
        return await self._me.api.call("POST", "/api/messages", json=body)


class Restarts:
    """Ends and starts chat processes when enough messages were acked; of three, two at a time."""

    def __init__(self, site: Embedded | Stack) -> None:
        self._services = services(site)
        self._turns = {service: asyncio.Lock() for service in self._services}
        self._acked = 0
        self._running: list[asyncio.Task[None]] = []

    def acked(self) -> None:
        self._acked += 1
        if self._acked == TERMINATED_AT:
            self._running += [asyncio.create_task(self._restart(one, one.stop)) for one in self._services[:2]]
        if self._acked == KILLED_AT:
            self._running += [asyncio.create_task(self._restart(one, one.kill)) for one in self._services[-2:]]

    async def finish(self) -> None:
        """Wait until all are back."""
        await asyncio.gather(*self._running)

    async def _restart(self, service: PythonService, end: Callable[[], None]) -> None:
        async with self._turns[service]:  # one that still starts cannot be ended
            await asyncio.to_thread(end)
            await asyncio.to_thread(service.start)


async def open_proxy(people: Party, proxy: Proxy) -> None:
    await proxy.start()
    people.exits.push_async_callback(proxy.stop)


@pytest.mark.timeout(300)  # a thousand commits, one after the other for each hand
async def test_a_thousand_messages_through_a_hundred_cuts_and_two_restarts(
    site: Embedded | Stack, people: Party
) -> None:
    cutting = CuttingProxy(gateway_port(site), Random(SEED), count=CUTS, until=SEEN_AT_LAST_CUT)
    losing = Proxy(gateway_port(site))
    await open_proxy(people, cutting)
    await open_proxy(people, losing)
    ann = await people.join(await people.exits.enter_async_context(open_http(f"http://{LOOPBACK}:{losing.port}")))
    bob = await people.join()
    log = Seen(bob.id, cutting.seen)
    theirs = people.line(bob, f"ws://{LOOPBACK}:{cutting.port}/api/ws", seed=SEED, log=log)
    lines = [people.line(ann, f"ws://{LOOPBACK}:{losing.port}/api/ws", seed=number) for number in range(HANDS)]
    hands = [Hand(ann, line, losing, Random(f"{SEED}-{number}")) for number, line in enumerate(lines)]
    texts = [[f"hand {hand}, message {number}" for number in range(MESSAGES // HANDS)] for hand in range(HANDS)]

    restarts = Restarts(site)
    await asyncio.gather(*(hand.write(bob, mine, restarts.acked) for hand, mine in zip(hands, texts, strict=True)))
    await restarts.finish()
    await reach(lambda: log.last >= MESSAGES, f"the last message at {theirs.describe()}")
    await reach(lambda: cutting.cuts >= CUTS, "the last cut")
    await theirs.end()

    assert cutting.cuts == CUTS
    assert all(hand.retries for hand in hands)
    ids = sorted(id_ for hand in hands for id_ in hand.acked)
    assert [(entry.seq, entry.type, entry.key) for entry in log.entries] == [
        (seq, CREATED, id_) for seq, id_ in enumerate(ids, 1)
    ]
    for hand, mine in zip(hands, texts, strict=True):
        assert hand.acked == sorted(hand.acked)
        assert [log.messages[id_].text for id_ in hand.acked] == mine
    assert (len(ids), log.resets) == (MESSAGES, 0)
    fresh = await bob.fresh_log()
    assert (fresh.entries, fresh.messages) == (log.entries, log.messages)
    mended = replace(ann, api=Api(people.http, people.history, ann.token))  # her own connections may still lose answers
    assert await bob.history(ann) == await mended.history(bob) == [log.messages[id_] for id_ in ids]
