"""A reconnect storm: everybody is cut off, misses something, and comes back at the same moment, through the gateway."""

import asyncio
import json
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field

import uvloop

from bench.client import Refused, Socket
from bench.load import EVENT, Pair
from bench.measure import Window
from bench.options import Options
from bench.results import Results, percentile
from bench.scenarios.latency import one_by_one
from bench.shapes import Target, stack

SCENARIO = "reconnect storm"
SIZES = (2_000, 5_000)
MISSED_EACH = 2
SENDERS = 50
CALM_AT_ONCE = 64
LONGEST_SECONDS = 120
SEQ = re.compile(rb'"seq":(\d+)')
READY, LIVE = b'{"type":"ready"', b'{"type":"live"'


@dataclass
class Device:
    """One person's client, which resumes where it was."""

    user_id: int
    position: int = 0
    epoch: str = ""
    live: asyncio.Event = field(default_factory=asyncio.Event)
    gaps: int = 0
    refusals: Counter[str] = field(default_factory=Counter)

    async def connect(self, target: Target) -> None:
        """Open a socket, and try again for as long as it is refused with a time to wait."""
        while True:
            query = f"?since={self.position}&epoch={self.epoch}" if self.epoch else ""
            try:
                token = target.minter.token(self.user_id)
                self.socket = await Socket.connect(target.port, token, query=query, on_text=self._hear)
            except Refused as refused:
                self.refusals[_kind(refused)] += 1
                await asyncio.sleep((refused.retry_after or 1) * random.uniform(0.5, 1.5))  # noqa: S311 -- jitter
            else:
                await asyncio.wait_for(self.live.wait(), LONGEST_SECONDS)
                return

    def cut(self) -> None:
        """Lose the connection."""
        self.live.clear()
        self.socket.cut()

    def _hear(self, text: bytes) -> None:
        if text.startswith(EVENT):
            found = SEQ.search(text)
            assert found is not None
            self.gaps += int(found[1]) != self.position + 1
            self.position = int(found[1])
        elif text.startswith(LIVE):
            self.live.set()
        elif text.startswith(READY) and not self.epoch:
            ready = json.loads(text)
            self.epoch, self.position = ready["epoch"], ready["head"]
            self.live.set()


def _kind(refused: Refused) -> str:
    if refused.status in (429, 503) and refused.retry_after is not None:
        return "asked to wait"
    return "cut off" if refused.status == 0 else f"HTTP {refused.status}"


def run(results: Results, options: Options) -> None:
    """Both sizes."""
    with stack(1, gateway=True) as target:
        for size in (100,) if options.quick else SIZES:
            uvloop.run(_storm(results, target, size))


async def _storm(results: Results, target: Target, size: int) -> None:
    devices = [Device(user_id) for user_id in range(1, size + 1)]
    limit = asyncio.Semaphore(CALM_AT_ONCE)

    async def connect_calmly(device: Device) -> None:
        async with limit:
            await device.connect(target)

    await asyncio.gather(*map(connect_calmly, devices))
    for device in devices:
        device.cut()
    before = {device.user_id: device.position for device in devices}
    await asyncio.sleep(2)
    await _miss(target, size)
    window, started, took = Window.open(target.roots), time.perf_counter(), []

    async def come_back(device: Device) -> None:
        await device.connect(target)
        took.append(time.perf_counter() - started)

    await asyncio.gather(*map(come_back, devices))
    window.close()
    await asyncio.sleep(1)
    _add(results, target, devices, before, took, window)
    for device in devices:
        device.cut()
    await asyncio.sleep(2)


async def _miss(target: Target, size: int) -> None:
    """Everybody gets a few messages while they are away."""
    senders = [Pair(size + 1 + index, size + 1 + index) for index in range(SENDERS)]
    await asyncio.gather(*(sender.connect(target) for sender in senders))

    async def write(sender: Pair, share: range) -> None:
        for receiver_id in share:
            sender.address(receiver_id)
            await one_by_one(sender, MISSED_EACH)

    shares = [range(1 + index, size + 1, SENDERS) for index in range(SENDERS)]
    await asyncio.gather(*map(write, senders, shares))
    for sender in senders:
        sender.close()


def _add(
    results: Results,
    target: Target,
    devices: list[Device],
    before: dict[int, int],
    took: list[float],
    window: Window,
) -> None:
    refusals: Counter[str] = Counter()
    for device in devices:
        refusals.update(device.refusals)
    wait = refusals.pop("asked to wait", 0)
    lost = sum(before[device.user_id] + MISSED_EACH - device.position for device in devices)
    errors, gaps = sum(refusals.values()), sum(device.gaps for device in devices)
    if errors or lost or gaps:
        results.notes.append(f"{SCENARIO}, {len(devices)}: {dict(refusals)}, lost {lost}, gaps {gaps}")
    results.add(
        SCENARIO,
        target.name,
        f"{len(devices):,}",
        **{
            "all live s": max(took),
            "p50 s": percentile(took, 50),
            "asked to wait": wait,
            "errors": errors,
            "lost events": lost,
            "gaps": gaps,
            "app CPU s": window.spent["app"],
            "gateway CPU s": window.spent["gateway"],
            "others %": window.foreign_share * 100,
        },
    )
