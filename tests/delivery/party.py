"""People with an account, and the devices that they keep connected."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar
from uuid import UUID

import httpx2
from websockets.exceptions import WebSocketException

from tests.faults.api import Api, Unknown, open_http
from tests.faults.client import BACKOFF_SECONDS, Device, read_journal
from tests.faults.history import History, Log, Message
from tests.faults.shape import services
from tests.harness.processes import HarnessError
from tests.harness.servers import Embedded, Stack

PASSWORD = "correct-horse-battery-9"
POLL_SECONDS = 0.005
PATIENCE_SECONDS = 30.0
LONGEST_PAUSE = 0.02


class Line(Device):
    """A device that comes back almost at once, and that can be away for a while."""

    _running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """As of any device; but after a connection that was open it pauses less: a hundred cuts are to take seconds."""
        try:
            while True:
                longest = BACKOFF_SECONDS
                with suppress(WebSocketException, OSError, EOFError):
                    await self._session()
                    longest = LONGEST_PAUSE
                await asyncio.sleep(self._random.uniform(0, longest))
        finally:
            if self._syncing is not None:
                self._syncing.cancel()

    @property
    def is_away(self) -> bool:
        """Whether it does not even try to connect."""
        return self._running is None

    def begin(self) -> None:
        """Connect, and come back whenever the connection is lost."""
        if self._running is None:
            self._running = asyncio.create_task(self.run(), name=self.name)

    async def end(self) -> None:
        """Go away. What the device knows it keeps."""
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


AnyLine = TypeVar("AnyLine", bound=Line)


@dataclass(frozen=True)
class Member:
    """Somebody who is signed in."""

    id: int
    name: str
    token: str
    epoch: str
    api: Api

    @property
    def headers(self) -> dict[str, str]:
        """What to send to one process directly."""
        return self.api.headers

    async def get(self, path: str, **query: Any) -> Any:
        """A GET that must succeed; a connection that was cut while nobody used it is no answer to it."""
        with suppress(Unknown):
            return await self.api.call("GET", path, params=query)
        return await self.api.call("GET", path, params=query)

    async def head(self) -> int:
        """The number of my newest event."""
        head: int = (await self.get("/api/sync"))["head"]
        return head

    async def fresh_log(self, since: int = 0) -> Log:
        """My journal as a new reader finds it."""
        log = Log(self.id)
        log.last = since
        await read_journal(self.api, log, self.epoch)
        return log

    async def history(self, peer: "Member") -> list[Message]:
        """Our conversation, oldest first, page by page."""
        found: list[Message] = []
        has_more = True
        while has_more:
            after = found[-1].id if found else 0
            page = await self.get(f"/api/messages/{peer.id}", after=after, limit=100)
            found += [Message.from_json(data) for data in page["items"]]
            has_more = page["has_more_after"]
        return found


@dataclass
class Party:
    """Makes people and devices; ends the devices when all is over."""

    site: Embedded | Stack
    http: httpx2.AsyncClient
    exits: AsyncExitStack
    history: History = field(default_factory=History)

    async def join(self, http: httpx2.AsyncClient | None = None) -> Member:
        """Somebody new. Their calls go over `http`, if it is not to be everybody's."""
        name = f"delivery-{secrets.token_hex(8)}"
        account = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
        user = (await self.http.post("/api/auth/register", json=account)).raise_for_status().json()
        login = {"grant_type": "password", "username": name, "password": PASSWORD}
        token = (await self.http.post("/api/auth/token", data=login)).raise_for_status().json()["access_token"]
        api = Api(http or self.http, self.history, token)
        start = await api.call("GET", "/api/sync")
        return Member(user["id"], name, token, start["epoch"], api)

    def line(self, owner: Member, ws_url: str, *, seed: int = 0, log: Log | None = None) -> Line:
        """A device of this person that connects now."""
        return self.connect(Line, owner, ws_url, seed=seed, log=log)

    def connect(
        self, kind: type[AnyLine], owner: Member, ws_url: str, *, seed: int = 0, log: Log | None = None
    ) -> AnyLine:
        """A device of this kind; it ends when all is over."""
        log = log or Log(owner.id)
        line = kind(f"{owner.name} {seed}", owner.api, ws_url, owner.epoch, log, self.history, Random(seed))
        line.begin()
        self.exits.push_async_callback(line.end)
        return line


@asynccontextmanager
async def party(site: Embedded | Stack) -> AsyncIterator[Party]:
    """Everything is closed behind them."""
    async with AsyncExitStack() as exits:
        http = await exits.enter_async_context(open_http(site.base_url))
        yield Party(site, http, exits)


def chat_urls(site: Embedded | Stack) -> list[str]:
    """Each chat process by itself."""
    return [service.base_url for service in services(site)]


def chat_ws_urls(site: Embedded | Stack) -> list[str]:
    """The socket of each chat process by itself."""
    return [url.replace("http", "ws", 1) + "/api/ws" for url in chat_urls(site)]


def new_client_id(random: Random) -> str:
    """A UUID that the seed decides."""
    return str(UUID(int=random.getrandbits(128), version=4))


async def reach(condition: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> float:
    """Go on as soon as it is true, and tell how long that took; too late is an error."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise HarnessError(f"waited {seconds:g} s for {what}")
        await asyncio.sleep(POLL_SECONDS)
    return time.monotonic() - began


async def kill_all(site: Embedded | Stack) -> None:
    """kill -9 of all chat processes at once."""
    await asyncio.gather(*(asyncio.to_thread(service.kill) for service in services(site)))


async def start_all(site: Embedded | Stack) -> None:
    """Start all chat processes, on the same ports and data, and wait until they answer."""
    await asyncio.gather(*(asyncio.to_thread(service.start) for service in services(site)))
