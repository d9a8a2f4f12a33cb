"""One run: people write, the nemesis breaks things, and at the end the checker looks at everything."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import gettempdir
from typing import Any

import httpx2

from tests.faults import shape
from tests.faults.api import Api, open_http
from tests.faults.checker import Violation, check
from tests.faults.client import Device
from tests.faults.collect import collect, settle
from tests.faults.history import Applied, History, Kind, Log
from tests.faults.nemesis import Nemesis
from tests.faults.proxy import Proxy
from tests.faults.rows import Row, Target
from tests.faults.sender import Person
from tests.harness.processes import LOOPBACK
from tests.harness.servers import Embedded, Stack

DEVICES = ("phone", "laptop")
PASSWORD = "correct-horse-battery-9"
FINISH_SECONDS = 60.0


@dataclass(frozen=True)
class Plan:
    """How much is enough: so many acked messages and so many crashes, but no longer than so many seconds."""

    seed: int
    acked: int
    crashes: int = 0
    seconds: float = 3600.0
    people: int = 24
    settle_seconds: float = 15.0
    pause: float = 0.0
    """The longest pause of a person between two messages, in seconds."""
    keeps_history: bool = True
    """Whether a history with violations is written to a file; those of controls need no look."""


@dataclass
class Outcome:
    """What a run gave."""

    plan: Plan
    shape: str
    acked: int
    crashes: int
    faults: dict[str, int]
    recoveries: dict[str, list[float]]
    violations: list[Violation]
    traffic_seconds: float
    retried: int
    """Attempts whose outcome was unknown."""
    dropped: int
    """Events that came twice and were dropped."""
    doubled: int
    """Requests over both transports at once, and sends repeated after their ack."""
    gaps: int
    healed: int
    """Times that only a heartbeat told a device what it had missed."""
    statuses: dict[str, int] = field(default_factory=dict)


async def run(site: Stack | Embedded, plan: Plan, rows: Sequence[Row], tell: Callable[[str], None]) -> Outcome:
    """Run a plan against a site that has been started."""
    history, random = History(), Random(plan.seed)
    async with AsyncExitStack() as exits:
        proxy = Proxy(shape.gateway_port(site))
        await proxy.start()
        exits.push_async_callback(proxy.stop)
        http = await exits.enter_async_context(open_http(f"http://{LOOPBACK}:{proxy.port}"))
        people, epoch = await _people(http, proxy.port, history, plan)
        tasks = [asyncio.create_task(device.run()) for person in people for device in person.devices]
        exits.push_async_callback(_end, tasks)
        target = Target(site, proxy, random)
        nemesis = Nemesis(rows, target, plan.seed, lambda: _who_is_away(people))
        is_over = asyncio.Event()
        began_at = time.monotonic()
        writing = [asyncio.create_task(person.work(is_over)) for person in people]
        exits.push_async_callback(_end, writing)
        await _until_enough(nemesis, history, plan, began_at, tell)
        seconds = time.monotonic() - began_at
        is_over.set()
        stuck = nemesis.stuck + await _finish(writing)
        stuck += await settle(people, plan.settle_seconds)
        await _end(tasks)
        evidence = await collect(people, history, epoch, stuck, target.overdue)
    violations = await asyncio.to_thread(check, evidence)
    if violations and plan.keeps_history:
        path = Path(gettempdir()) / f"communication-faults-{plan.seed}.jsonl"
        history.write(path)
        tell(f"the history is in {path}")
    return _outcome(site, plan, nemesis, people, history, violations, seconds)


async def _until_enough(
    nemesis: Nemesis, history: History, plan: Plan, began_at: float, tell: Callable[[str], None]
) -> None:
    def goes_on() -> bool:
        seconds = time.monotonic() - began_at
        faults = sum(nemesis.faults.values())
        counts = f"{history.acked:7} acked  {faults:4} faults  {nemesis.crashes:4} crashes"
        tell(f"{seconds:6.0f} s  {counts}  {nemesis.latest}")
        is_enough = history.acked >= plan.acked and nemesis.crashes >= plan.crashes
        return not is_enough and seconds < plan.seconds

    await nemesis.run(goes_on, history.mark, lambda: history.last_ok_at)


async def _finish(writing: list[asyncio.Task[None]]) -> list[str]:
    """What was begun must come to an end once everything is healed; an error of ours ends the run."""
    done, pending = await asyncio.wait(writing, timeout=FINISH_SECONDS)
    for task in done:
        task.result()
    return [f"a sender was still trying {FINISH_SECONDS:g} s after everything was healed" for _ in pending]


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _people(http: httpx2.AsyncClient, port: int, history: History, plan: Plan) -> tuple[list[Person], str]:
    """New accounts; everybody has two conversations, so that journals and locks are entangled."""
    turn = asyncio.Semaphore(4)

    async def one(index: int) -> tuple[Person, str]:
        async with turn:
            return await _person(http, port, history, Random(f"{plan.seed}-{index}"))

    made = await asyncio.gather(*(one(index) for index in range(plan.people)))
    people = [person for person, _ in made]
    for index, person in enumerate(people):
        person.pause = plan.pause
        person.peers = [people[index - 1], people[(index + 1) % len(people)]]
    return people, made[0][1]


async def _person(http: httpx2.AsyncClient, port: int, history: History, random: Random) -> tuple[Person, str]:
    name = f"fault-{random.getrandbits(48):012x}-{time.monotonic_ns():x}"
    account = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    user = (await _post(http, "/api/auth/register", json=account))["id"]
    login = {"grant_type": "password", "username": name, "password": PASSWORD}
    token = (await _post(http, "/api/auth/token", data=login))["access_token"]
    api = Api(http, history, token)
    start = await api.call("GET", "/api/sync")
    ws_url = f"ws://{LOOPBACK}:{port}/api/ws"
    devices = [
        Device(f"{each} of {user}", api, ws_url, start["epoch"], Log(user, history.pool), history, random)
        for each in DEVICES
    ]
    return Person(user, api, devices, history, random), start["epoch"]


async def _post(http: httpx2.AsyncClient, path: str, **body: Any) -> Any:
    return (await http.post(path, **body)).raise_for_status().json()


def _who_is_away(people: list[Person]) -> list[str]:
    return [device.describe() for person in people for device in person.devices if not device.is_live]


def _outcome(
    site: Stack | Embedded,
    plan: Plan,
    nemesis: Nemesis,
    people: list[Person],
    history: History,
    violations: list[Violation],
    seconds: float,
) -> Outcome:
    devices = [device for person in people for device in person.devices]
    return Outcome(
        plan=plan,
        shape="stack" if isinstance(site, Stack) else "embedded",
        acked=history.acked,
        crashes=nemesis.crashes,
        faults=dict(nemesis.faults),
        recoveries=dict(nemesis.recoveries),
        violations=violations,
        traffic_seconds=seconds,
        retried=sum(operation.kind is Kind.INFO for operation in history.operations),
        dropped=sum(device.log.seen[Applied.DROPPED] for device in devices),
        doubled=history.doubled,
        gaps=sum(device.log.seen[Applied.GAP] for device in devices),
        healed=sum(device.healed_by_heartbeat for device in devices),
        statuses=dict(sorted(history.statuses.items())),
    )
