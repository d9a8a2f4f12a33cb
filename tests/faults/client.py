"""A device: one socket that comes back with its position, and the sequencer's rule for what it brings."""

import asyncio
import json
from contextlib import suppress
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from tests.faults.api import Api, Refused, Unknown
from tests.faults.history import Applied, History, Log

OPEN_SECONDS = 3.0
QUIET_SECONDS = 2.5  # then it asks whether the server is there, and after as long again it is not
ANSWER_SECONDS = 5.0
BACKOFF_SECONDS = 0.5


class Device:
    """Connects, resumes, applies, and asks for what is missing, until it is closed."""

    def __init__(
        self, name: str, api: Api, ws_url: str, epoch: str, log: Log, history: History, random: Random
    ) -> None:
        self.name = name
        self.log = log
        self.is_live = False
        """It has a socket, and everything up to the moment when that was opened."""
        self.healed_by_heartbeat = 0
        self._api = api
        self._ws_url = ws_url
        self._epoch = epoch
        self._history = history
        self._random = random
        self._socket: ClientConnection | None = None
        self._answers: dict[str, asyncio.Future[Any]] = {}
        self._count = 0
        self._syncing: asyncio.Task[None] | None = None

    def describe(self) -> str:
        """Who it is, and whether it has a socket that only waits to be told everything."""
        return f"{self.name} ({'socket open' if self._socket is not None else 'no socket'}, at {self.log.last})"

    async def run(self) -> None:
        """Stay connected until cancelled."""
        try:
            while True:
                with suppress(WebSocketException, OSError, EOFError):
                    await self._session()
                await asyncio.sleep(self._random.uniform(0.05, BACKOFF_SECONDS))
        finally:
            if self._syncing is not None:
                self._syncing.cancel()

    async def ask(self, frame: dict[str, Any]) -> Any:
        """Send a request over the socket and wait for its result."""
        socket = self._socket
        if socket is None:
            raise Unknown("no socket")
        self._count += 1
        id_ = str(self._count)
        answer = self._answers[id_] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(_look)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await socket.send(json.dumps({**frame, "id": id_}))
                return await answer
        except (TimeoutError, ConnectionClosed, OSError) as error:
            raise Unknown(type(error).__name__) from None
        finally:
            del self._answers[id_]

    async def _session(self) -> None:
        url = f"{self._ws_url}?since={self.log.last}&epoch={self._epoch}"
        async with connect(
            url,
            additional_headers=self._api.headers,
            compression=None,
            proxy=None,
            open_timeout=OPEN_SECONDS,
            close_timeout=0.5,
            ping_interval=None,
            max_size=None,
        ) as socket:
            self._socket = socket
            try:
                await self._read(socket)
            except ConnectionClosed as closed:
                self._history.statuses[f"close {closed.rcvd.code if closed.rcvd else 1006}"] += 1
            finally:
                self._socket, self.is_live = None, False
                for answer in self._answers.values():
                    if not answer.done():
                        answer.set_exception(Unknown("the socket closed"))

    async def _read(self, socket: ClientConnection) -> None:
        is_asked = False
        while True:
            try:
                async with asyncio.timeout(QUIET_SECONDS):
                    text = await socket.recv()
            except TimeoutError:
                if is_asked:
                    socket.transport.abort()
                    return
                is_asked = True
                await socket.send('{"type":"ping","id":"alive"}')
                continue
            is_asked = False
            self._take(json.loads(text))

    def _take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "event":
                self._apply(frame["seq"], frame["event"], frame["data"])
            case "ok":
                self._resolve(frame, frame["result"])
            case "error":
                code: str = frame["code"]
                is_broken = code == "internal_error"
                self._history.statuses["500 in a frame" if is_broken else f"error {code}"] += 1
                self._resolve(frame, Unknown(code) if is_broken or code == "unavailable" else Refused(code))
            case "ready":
                if frame["epoch"] != self._epoch:
                    self.log.resets += 1
            case "live":
                self.is_live = True
            case "reset":
                self.log.resets += 1
            case "ping" if frame["head"] > self.log.last:
                self.healed_by_heartbeat += 1
                self._sync_soon()

    def _resolve(self, frame: dict[str, Any], outcome: Any) -> None:
        answer = self._answers.get(frame["id"] or "")
        if answer is None or answer.done():
            return
        if isinstance(outcome, Exception):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)

    def _apply(self, seq: int, type_: str, data: dict[str, Any]) -> None:
        if self.log.apply(seq, type_, data) is Applied.GAP:
            self._sync_soon()

    def _sync_soon(self) -> None:
        if self._syncing is None or self._syncing.done():
            self._syncing = asyncio.get_running_loop().create_task(self._sync())

    async def _sync(self) -> None:
        with suppress(Unknown, Refused):  # the next event or heartbeat tries again
            await read_journal(self._api, self.log, self._epoch)


def _look(answer: asyncio.Future[Any]) -> None:
    """An answer may come to nothing when nobody waits for it any more."""
    if not answer.cancelled():
        answer.exception()


async def read_journal(api: Api, log: Log, epoch: str) -> None:
    """Apply everything after the log's position, page by page."""
    while True:
        page = await api.call("GET", "/api/sync", params={"since": log.last, "epoch": epoch})
        log.resets += page["reset"]
        for event in page["events"]:
            log.apply(event["seq"], event["type"], event["data"])
        if not page["has_more"]:
            return
