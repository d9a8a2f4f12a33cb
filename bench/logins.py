"""`python -m bench.logins`: what people who talk notice of people who sign in.

Two people exchange messages over sockets, first alone, then while twenty logins are always in flight. Prints the time
from sending to the peer's event, alone and with logins, and their ratio. Everything runs on this machine, the clients
too.
"""

import asyncio
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from uuid import uuid4

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.harness.servers import Embedded, Stack

LOGINS_IN_FLIGHT = 20
MESSAGES = 500
NEWCOMER = "solomia"
PASSWORD = "correct horse battery"  # noqa: S105 -- of people who live for one measurement
Server = Embedded | Stack


def main() -> None:
    """Measure both shapes."""
    print(f"{platform.platform()}, {os.cpu_count()} cores, {MESSAGES} messages, {LOGINS_IN_FLIGHT} logins in flight")
    print(f"{'shape':10} {'':8} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}")
    shapes: dict[str, Callable[[], Server]] = {
        "embedded": lambda: Embedded(env={"RATE_LIMITS": "off"}),
        "stack": lambda: Stack(chat_processes=1, env={"RATE_LIMITS": "off"}),
    }
    for name, start in shapes.items():
        with start() as server:
            asyncio.run(measure(name, server))


async def measure(shape: str, server: Server) -> None:
    """Measure one shape, alone and with logins."""
    async with httpx2.AsyncClient(base_url=server.base_url, timeout=60) as client:
        people = [await register(client, name) for name in ("anna", "bohdan", NEWCOMER)]
        sender, receiver = [await open_socket(server.ws_url, token) for _, token in people[:2]]
        alone = await exchange(sender, receiver, people[1][0])
        done = asyncio.Event()
        logins = [asyncio.create_task(keep_signing_in(client, done)) for _ in range(LOGINS_IN_FLIGHT)]
        together = await exchange(sender, receiver, people[1][0])
        done.set()
        count = sum(await asyncio.gather(*logins))
        await sender.close()
        await receiver.close()
    show(shape, "alone", alone)
    show(shape, "logins", together)
    ratio = percentile(together, 99) / percentile(alone, 99)
    print(f"{shape:10} ratio of p99 {ratio:.1f}; {count / sum(together):.0f} logins/s meanwhile")


async def register(client: httpx2.AsyncClient, name: str) -> tuple[int, str]:
    """A new person's id and access token."""
    form = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    user_id = (await client.post("/api/auth/register", json=form)).raise_for_status().json()["id"]
    return user_id, await sign_in(client, name)


async def sign_in(client: httpx2.AsyncClient, name: str) -> str:
    """An access token."""
    form = {"grant_type": "password", "username": name, "password": PASSWORD}
    token: str = (await client.post("/api/auth/token", data=form)).raise_for_status().json()["access_token"]
    return token


async def keep_signing_in(client: httpx2.AsyncClient, done: asyncio.Event) -> int:
    """Sign in again and again; how often."""
    count = 0
    while not done.is_set():
        await sign_in(client, NEWCOMER)
        count += 1
    return count


async def open_socket(url: str, token: str) -> ClientConnection:
    """A socket that is ready."""
    socket = await connect(url, subprotocols=[Subprotocol("chat.v1"), Subprotocol(f"bearer.{token}")])
    await socket.recv()
    return socket


async def exchange(sender: ClientConnection, receiver: ClientConnection, to: int) -> list[float]:
    """Seconds from sending each message to the peer's event; one message at a time."""
    took = []
    for number in range(MESSAGES):
        frame = {"type": "send", "id": str(number), "to": to, "text": "hello", "client_id": str(uuid4())}
        started = time.perf_counter()
        await sender.send(json.dumps(frame))
        await until(receiver, "event")
        took.append(time.perf_counter() - started)
        await until(sender, "ok")
    return took


async def until(socket: ClientConnection, kind: str) -> None:
    """Read up to the next frame of this type."""
    while json.loads(await socket.recv())["type"] != kind:
        pass


def percentile(values: list[float], percent: int) -> float:
    """In the unit of the values."""
    return statistics.quantiles(values, n=100)[percent - 1]


def show(shape: str, label: str, took: list[float]) -> None:
    """One line."""
    figures = (percentile(took, 50), percentile(took, 99), max(took))
    print(f"{shape:10} {label:8} " + " ".join(f"{seconds * 1000:8.1f}" for seconds in figures))


if __name__ == "__main__":
    main()
