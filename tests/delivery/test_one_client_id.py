"""Fifty tries at once, by both transports and at every process, are one message: before a crash and after it."""

import asyncio
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.delivery.database import select
from tests.delivery.party import (
    Line,
    Member,
    Party,
    chat_urls,
    chat_ws_urls,
    kill_all,
    new_client_id,
    reach,
    start_all,
)
from tests.faults.history import CREATED
from tests.harness.servers import Embedded, Stack

SEED = 20_261_123
ROUNDS = 6
TRIES = 50
FRAMES_EACH = 5
ROWS = "SELECT id, text FROM messages WHERE sender_id = :sender"


@dataclass(frozen=True)
class Answer:
    """What one try was told; `status` is that of REST, null for a frame."""

    text: str
    message: dict[str, Any]
    status: int | None = None


class Ann:
    """Somebody with a socket for every few frames, spread over the processes, and REST at all of them."""

    def __init__(self, people: Party, me: Member, bob: Member) -> None:
        self.me = me
        self._bob = bob
        self._http = people.http
        urls = chat_ws_urls(people.site)
        self.urls = [people.site.base_url, *chat_urls(people.site)]
        sockets = TRIES // 2 // FRAMES_EACH
        self.lines = [people.line(me, urls[number % len(urls)], seed=number) for number in range(sockets)]

    async def connected(self) -> None:
        await reach(lambda: all(line.is_live for line in self.lines), "all sockets")

    async def by_rest(self, url: str, client_id: str, text: str) -> Answer:
        body = {"receiver_id": self._bob.id, "text": text, "client_id": client_id}
        answer = await self._http.post(f"{url}/api/messages", json=body, headers=self.me.headers)
        assert answer.status_code in (200, 201), answer.text
        return Answer(text, answer.json(), answer.status_code)

    async def by_socket(self, line: Line, client_id: str, text: str) -> Answer:
        frame = {"type": "send", "to": self._bob.id, "text": text, "client_id": client_id}
        return Answer(text, await line.ask(frame))

    async def all_at_once(self, client_id: str, random: Random) -> list[Answer]:
        """Every try has a text of its own, so that the stored one tells which was first."""
        half = TRIES // 2
        tries = [self.by_rest(self.urls[n % len(self.urls)], client_id, f"REST {n}") for n in range(half)]
        tries += [self.by_socket(self.lines[n % len(self.lines)], client_id, f"frame {n}") for n in range(half)]
        random.shuffle(tries)
        return await asyncio.gather(*tries)

    async def one_everywhere(self, client_id: str) -> list[Answer]:
        rest = [self.by_rest(url, client_id, "too late") for url in self.urls]
        return await asyncio.gather(*rest, *(self.by_socket(line, client_id, "too late") for line in self.lines))


def the_message(answers: list[Answer]) -> dict[str, Any]:
    """The one that everybody was told of; only the try that made it was told so."""
    message = answers[0].message
    assert all(answer.message == message for answer in answers)
    created = [answer.text for answer in answers if answer.status == 201]
    assert created == ([message["text"]] if message["text"].startswith("REST") else [])
    return message


async def told(person: Member) -> list[tuple[str, Any]]:
    return [(entry.type, entry.key) for entry in (await person.fresh_log()).entries]


async def test_fifty_tries_at_once_are_one_message(site: Embedded | Stack, people: Party) -> None:
    random = Random(SEED)
    me, bob = await people.join(), await people.join()
    ann = Ann(people, me, bob)
    await ann.connected()
    client_ids = [new_client_id(random) for _ in range(ROUNDS)]

    made = [the_message(await ann.all_at_once(client_id, random)) for client_id in client_ids]

    assert [message["client_id"] for message in made] == client_ids
    rows = [(message["id"], message["text"]) for message in made]
    assert await select(site, ROWS + " ORDER BY id", sender=me.id) == rows
    for person, peer in ((me, bob), (bob, me)):
        assert await told(person) == [(CREATED, id_) for id_, _ in rows]
        assert [(message.id, message.text) for message in await person.history(peer)] == rows

    await kill_all(site)
    await start_all(site)
    await ann.connected()
    for message in made:
        answers = await ann.one_everywhere(message["client_id"])
        assert all(answer.message == message for answer in answers)
        assert [answer.status for answer in answers if answer.status] == [200] * len(ann.urls)
    assert len(await select(site, ROWS, sender=me.id)) == len(await told(bob)) == ROUNDS
