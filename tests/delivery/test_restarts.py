"""A process that ends loses nothing it has acked, tells its sockets, and one after the other nobody notices."""

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.delivery.party import Member, Party, chat_ws_urls, new_client_id, reach
from tests.faults.shape import services
from tests.harness.servers import Embedded, Stack

SENDING = 8
IN_FLIGHT = 4
LISTENING = 4
ACKED_BEFORE_THE_END = 100
STOP_SECONDS = 10.0
RESTARTING = 1012
REST_SENDERS = 24
MORE_EACH = 5


@dataclass
class Socket:
    """A plain socket that does not come back: what it is told last is what counts here."""

    number: int
    to: int
    asked: dict[str, str] = field(default_factory=dict)
    """The client_id of each frame that was sent."""
    acked: dict[str, int] = field(default_factory=dict)
    """The id of each message that was acked, by its client_id."""
    close_code: int | None = None

    async def run(self, opened: ClientConnection, in_flight: int) -> None:
        """Keep so many sends in flight until the server closes."""
        random = Random(self.number)
        # A close is seen once what came before it is read, so a send that fails ends nothing.
        with suppress(ConnectionClosed):
            for _ in range(in_flight):
                await self._send(opened, random)
        with suppress(ConnectionClosed):
            async for text in opened:
                frame = json.loads(text)
                if frame["type"] == "ok":
                    self.acked[self.asked[frame["id"]]] = frame["result"]["id"]
                    with suppress(ConnectionClosed):
                        await self._send(opened, random)
        await opened.wait_closed()
        self.close_code = opened.close_code

    async def _send(self, opened: ClientConnection, random: Random) -> None:
        frame_id, client_id = str(len(self.asked)), new_client_id(random)
        self.asked[frame_id] = client_id
        fields = {"to": self.to, "text": f"{self.number} {frame_id}", "client_id": client_id}
        await opened.send(json.dumps({"type": "send", "id": frame_id} | fields))


async def open_sockets(people: Party, owner: Member, to: Member, count: int, in_flight: int) -> list[Socket]:
    """All at the first process."""
    url = chat_ws_urls(people.site)[0]
    sockets = [Socket(owner.id * 1_000 + number, to.id) for number in range(count)]
    for socket in sockets:
        # Without a bound on what is queued: the library stops reading beyond it, and then does not hear of the end.
        opened = await people.exits.enter_async_context(
            connect(url, additional_headers=owner.headers, compression=None, proxy=None, max_queue=None)
        )
        assert json.loads(await opened.recv())["type"] == "ready"
        task = asyncio.create_task(socket.run(opened, in_flight))
        people.exits.callback(task.cancel)
    return sockets


async def test_a_process_that_ends_keeps_what_it_acked(site: Embedded | Stack, people: Party) -> None:
    ann, bob = await people.join(), await people.join()
    ending = services(site)[0]
    listening = await open_sockets(people, bob, ann, LISTENING, in_flight=0)
    sending = await open_sockets(people, ann, bob, SENDING, in_flight=IN_FLIGHT)
    await reach(lambda: sum(len(socket.acked) for socket in sending) >= ACKED_BEFORE_THE_END, "the first acks")

    began = time.monotonic()
    try:
        await asyncio.to_thread(ending.stop)
        took = time.monotonic() - began
        sockets = [*listening, *sending]
        await reach(lambda: all(socket.close_code is not None for socket in sockets), "the sockets to close", 5)
    finally:
        await asyncio.to_thread(ending.start)

    assert [socket.close_code for socket in sockets] == [RESTARTING] * len(sockets)
    assert took <= STOP_SECONDS
    assert ending.process.log().count("Traceback") == 0
    stored = [(message.client_id, message.id) for message in await bob.history(ann)]
    acked = {pair for socket in sending for pair in socket.acked.items()}
    asked = {client_id for socket in sending for client_id in socket.asked.values()}
    assert len(stored) == len(set(stored))
    assert acked <= set(stored)
    assert {client_id for client_id, _ in stored} <= asked


class OneTry:
    """Sends over REST for as long as it goes on, each request once."""

    def __init__(self, http: httpx2.AsyncClient, me: Member, peer: Member, seed: str) -> None:
        self._http = http
        self._me = me
        self._peer = peer
        self._random = Random(seed)
        self.acked: list[str] = []
        self.failed: list[str] = []

    async def run(self, is_over: asyncio.Event) -> None:
        while not is_over.is_set():
            client_id = new_client_id(self._random)
            body = {"receiver_id": self._peer.id, "text": "once", "client_id": client_id}
            try:
                answer = await self._http.post("/api/messages", json=body, headers=self._me.headers)
            except (httpx2.HTTPError, OSError) as error:
                self.failed.append(repr(error))
                continue
            if answer.status_code == 201:
                self.acked.append(client_id)
            else:
                self.failed.append(f"{answer.status_code} {answer.text[:200]}")


async def roll(stack: Stack) -> None:
    """One after the other, each started before the next one ends."""
    for chat in stack.chats:
        await asyncio.to_thread(chat.stop)
        await asyncio.to_thread(chat.start)


async def test_a_rolling_restart_fails_no_request(site: Stack, people: Party) -> None:
    ann, bob = await people.join(), await people.join()
    is_over = asyncio.Event()
    pairs = [(ann, bob), (bob, ann)] * (REST_SENDERS // 2)
    senders = [OneTry(people.http, *pair, seed=f"{ann.id} {number}") for number, pair in enumerate(pairs)]
    tasks = [asyncio.create_task(sender.run(is_over)) for sender in senders]

    await roll(site)
    enough = [len(sender.acked) + MORE_EACH for sender in senders]
    await reach(lambda: all(len(s.acked) >= count for s, count in zip(senders, enough, strict=True)), "more messages")
    is_over.set()
    await asyncio.gather(*tasks)

    assert [failure for sender in senders for failure in sender.failed] == []
    stored = [message.client_id for message in await ann.history(bob)]
    assert sorted(stored) == sorted(client_id for sender in senders for client_id in sender.acked)
