"""The end of a run: what the product says when everything is healed and nobody writes any more."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tests.faults.api import Unknown
from tests.faults.client import read_journal
from tests.faults.history import Evidence, History, Log, Message, Side
from tests.faults.sender import Person

AT_ONCE = 6
POLL_SECONDS = 0.05
STILL_SECONDS = 0.5


async def settle(people: list[Person], seconds: float) -> list[str]:
    """Wait until every device has everything; tell which have not in time.

    An attempt that was given up may still be carried out, so the heads have to stand still as well.
    """
    deadline = time.monotonic() + seconds
    heads = await _heads(people)
    while True:
        while late := _late(people, heads):
            if time.monotonic() > deadline:
                return [f"{what} after {seconds:g} s of quiet" for what in late]
            await asyncio.sleep(POLL_SECONDS)
        await asyncio.sleep(STILL_SECONDS)
        before, heads = heads, await _heads(people)
        if heads == before:
            return []


async def _heads(people: list[Person]) -> dict[int, int]:
    return {person.id: (await _get(person, "/api/sync", {}))["head"] for person in people}


def _late(people: list[Person], heads: dict[int, int]) -> list[str]:
    return [
        f"{device.name} is at {device.log.last} of {heads[person.id]}"
        for person in people
        for device in person.devices
        if device.log.last < heads[person.id]
    ]


async def collect(people: list[Person], history: History, epoch: str, stuck: list[str], overdue: list[str]) -> Evidence:
    """Fresh syncs, histories and lists of conversations of everybody."""
    evidence = Evidence(history, stuck=stuck, overdue=overdue)
    for person in people:
        evidence.devices |= {device.name: device.log for device in person.devices}
    turn = asyncio.Semaphore(AT_ONCE)
    steps: list[Callable[[Evidence, Person, str], Awaitable[None]]] = [_read_fresh, _read_stored, _read_sides]

    async def in_turn(person: Person) -> None:
        async with turn:
            for step in steps:
                await step(evidence, person, epoch)

    await asyncio.gather(*(in_turn(person) for person in people))
    return evidence


async def _read_fresh(evidence: Evidence, person: Person, epoch: str) -> None:
    log = evidence.fresh[person.id] = Log(person.id, evidence.history.pool)
    await read_journal(person.api, log, epoch)


async def _read_stored(evidence: Evidence, person: Person, _: str) -> None:
    pool = evidence.history.pool
    for peer in person.peers:
        found = evidence.stored[person.id, peer.id] = []
        after, has_more = 0, True
        while has_more:
            page = await _get(person, f"/api/messages/{peer.id}", {"after": after, "limit": 100})
            messages = [Message.from_json(data) for data in page["items"]]
            found += [pool.setdefault(message, message) for message in messages]
            has_more = page["has_more_after"]
            after = found[-1].id if found else 0


async def _read_sides(evidence: Evidence, person: Person, _: str) -> None:
    page = await _get(person, "/api/conversations", {"limit": 100})
    for item in page["items"]:
        evidence.sides[person.id, item["peer"]["id"]] = Side(item["unread_count"], item["my_read_id"])


async def _get(person: Person, path: str, params: dict[str, Any]) -> Any:
    """Nothing is broken any more, but a first connection may still be a dead one."""
    try:
        return await person.api.call("GET", path, params=params)
    except Unknown:
        await asyncio.sleep(1)
        return await person.api.call("GET", path, params=params)
