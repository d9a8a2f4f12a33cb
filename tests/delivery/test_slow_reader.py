"""A client that does not read is cut off, and gets everything when it comes back."""

import asyncio
import json
import socket
from contextlib import suppress
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.delivery.party import Line, Member, Party, chat_ws_urls, new_client_id, reach
from tests.faults.api import Unknown
from tests.faults.history import CREATED
from tests.faults.shape import services
from tests.harness.processes import LOOPBACK
from tests.harness.servers import Embedded, Stack

BIG, SMALL = 250, 1_100
"""Messages. The big ones fill what the kernel buffers (4 MiB and more), the small ones the queue of 1,000 frames."""
BIG_TEXT = "😀" * 8_000
HANDS = 6
SMALL_BUFFER = 4_096
TOO_SLOW, CUT_OFF = 4408, 1006
END_SECONDS = 20.0


async def open_lazy(site: Embedded | Stack, me: Member) -> ClientConnection:
    """A socket that reads a few frames, and then no more."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, (LOOPBACK, services(site)[0].port))
    return await connect(chat_ws_urls(site)[0], sock=raw, additional_headers=me.headers, max_queue=1, compression=None)


async def write(lines: list[Line], to: Member, texts: list[str]) -> None:
    """All of them, in any order."""
    random, left = Random(to.id), iter(texts)

    async def hand(line: Line) -> None:
        for text in left:
            await deliver(line, {"type": "send", "to": to.id, "text": text, "client_id": new_client_id(random)})

    await asyncio.gather(*map(hand, lines))


async def deliver(line: Line, frame: dict[str, Any]) -> None:
    """Again until it is acked: on a busy machine a writer, who is told of everything, can be cut off as well."""
    while True:
        await reach(lambda: line.is_live, "a writer's socket")
        with suppress(Unknown):
            await line.ask(frame)
            return


async def read_to_the_end(opened: ClientConnection) -> list[dict[str, Any]]:
    frames = []
    try:
        async with asyncio.timeout(END_SECONDS):
            while True:
                frames.append(json.loads(await opened.recv()))
    except ConnectionClosed:
        return frames


async def test_who_does_not_read_is_cut_off_and_resumes(site: Embedded | Stack, people: Party) -> None:
    ann, bob = await people.join(), await people.join()
    url = chat_ws_urls(site)[0]
    lines = [people.line(bob, url, seed=number) for number in range(HANDS)]
    await reach(lambda: all(line.is_live for line in lines), "the writer's sockets")
    lazy = await open_lazy(site, ann)

    await write(lines, ann, [BIG_TEXT] * BIG + [str(number) for number in range(SMALL)])
    frames = await read_to_the_end(lazy)

    # The reason arrives only if there is room for it: who reads nothing at all is just cut off.
    assert lazy.close_code in (TOO_SLOW, CUT_OFF)
    events = [frame for frame in frames if frame["type"] == "event"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert 0 < len(events) < BIG + SMALL

    log = (await ann.fresh_log()).messages
    assert len(log) == BIG + SMALL
    resumed = await resume(url, ann, len(events))
    assert [event["seq"] for event in resumed] == list(range(len(events) + 1, BIG + SMALL + 1))
    told = [event["data"]["id"] for event in events + resumed if event["event"] == CREATED]
    assert told == sorted(log)


async def resume(url: str, me: Member, since: int) -> list[dict[str, Any]]:
    """The events that come before `live`."""
    events: list[dict[str, Any]] = []
    query = f"?since={since}&epoch={me.epoch}"
    async with connect(url + query, additional_headers=me.headers, max_size=None, proxy=None) as opened:
        while True:
            frame = json.loads(await opened.recv())
            if frame["type"] == "live":
                return events
            if frame["type"] == "event":
                events.append(frame)
