"""However three devices come to their unread counts, they are what the server says and what the database holds."""

import pytest

from tests.delivery.badges import Counter, Device
from tests.delivery.database import select
from tests.delivery.party import Member, Party, reach
from tests.delivery.story import Story
from tests.faults.proxy import Proxy
from tests.faults.shape import services
from tests.harness.processes import LOOPBACK
from tests.harness.servers import Embedded, Stack

SEEDS = (1, 20_261_123)
BEFORE = 40
"""Things that have happened before the first device loads its lists."""
OPERATIONS = 250
BETWEEN_CHECKS = 50
DEVICES = 3
UNREAD = """
SELECT count(*) FROM messages
WHERE receiver_id = :me AND sender_id = :peer AND deleted_at IS NULL
  AND id > coalesce((SELECT read_id FROM conversations WHERE user_id = :me AND peer_id = :peer), 0)
"""


async def listed(person: Member) -> dict[int, int]:
    """What the list of conversations says."""
    items = (await person.get("/api/conversations", limit=100))["items"]
    return {item["peer"]["id"]: item["unread_count"] for item in items}


async def counted(site: Embedded | Stack, person: Member, peer_ids: list[int]) -> dict[int, int]:
    """What the database holds; notes to oneself are never unread."""
    return {
        peer: (await select(site, UNREAD, me=person.id, peer=peer))[0][0] if peer != person.id else 0
        for peer in peer_ids
    }


async def check(site: Embedded | Stack, people: list[Member], devices: list[Device], what: str) -> None:
    """Every device is up to date, and all three counts are the same."""
    ann = people[0]
    head = await ann.head()
    for device in devices:
        device.line.begin()  # unless it is there
    await reach(lambda: all(device.is_at(head) for device in devices), f"the devices to be at {head} ({what})")
    for person in people:
        shown = await listed(person)
        assert shown == await counted(site, person, list(shown)), what
    shown = await listed(ann)
    for device in devices:
        for way in (device.counter.ledger, device.counter.badges):
            assert {peer: way.unread(peer) for peer in shown} == shown, f"{device.line.name}, {type(way)}, {what}"


async def open_devices(people: Party, ann: Member) -> list[Device]:
    """Each at a process of its own, as far as there are several."""
    devices = []
    ports = [service.port for service in services(people.site)]
    for number in range(DEVICES):
        proxy = Proxy(ports[number % len(ports)])
        await proxy.start()
        people.exits.push_async_callback(proxy.stop)
        counter = Counter(ann)
        await counter.load()
        line = people.line(ann, f"ws://{LOOPBACK}:{proxy.port}/api/ws", seed=number, log=counter.log)
        devices.append(Device(line, counter, proxy))
    return devices


@pytest.mark.parametrize("seed", SEEDS)
async def test_unread_badges_of_three_devices(site: Embedded | Stack, people: Party, seed: int) -> None:
    ann, bob, eve = [await people.join() for _ in range(3)]
    story = Story(ann, [bob, eve], seed)
    await story.go_on(BEFORE)
    story.devices = await open_devices(people, ann)

    for done in range(BETWEEN_CHECKS, OPERATIONS + 1, BETWEEN_CHECKS):
        await story.go_on(BETWEEN_CHECKS)
        last = "\n".join(story.told[-30:])
        await check(site, [ann, bob, eve], story.devices, f"seed {seed}, after {done} operations:\n{last}")

    assert sum(device.counter.reloads for device in story.devices) > 0
