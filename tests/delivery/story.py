"""Random things that three people do to two conversations; the seed decides which, and in which order."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from typing import Any

from tests.delivery.badges import Device
from tests.delivery.party import Line, Member, new_client_id
from tests.faults.api import Refused, Unknown
from tests.faults.history import Pair, pair
from tests.faults.sender import Action, send_action

EMOJIS = ("👍", "❤️", "🎉")
ALLOWED = {"blocked", "deleted"}
"""Refusals that happen: somebody blocked, or a message was deleted a moment ago."""
AT_ONCE = 4
BY_SOCKET = 0.6

WEIGHTS = {
    "send": 30,
    "reply": 8,
    "note": 2,
    "read": 14,
    "they_read": 4,
    "delivered": 3,
    "delete": 10,
    "edit": 5,
    "react": 6,
    "block": 6,
    "cut": 7,
    "leave_or_return": 5,
}
OF_DEVICES = {"delivered", "cut", "leave_or_return"}


class Story:
    """`ann` has the devices and the counts; `peers` write to her."""

    def __init__(self, ann: Member, peers: list[Member], seed: int) -> None:
        self._ann = ann
        self._peers = peers
        self.devices: list[Device] = []
        """They may come at any time."""
        self._random = Random(seed)
        self._sent: dict[Pair, list[tuple[int, Member]]] = defaultdict(list)
        self._blocked: set[int] = set()
        self.told: list[str] = []
        """What was done, to read after a failure."""

    async def go_on(self, count: int) -> None:
        """Do so many things, a few of them at the same time."""
        while count:
            now = min(count, self._random.randint(1, AT_ONCE))
            count -= now
            weights = WEIGHTS if self.devices else {name: WEIGHTS[name] for name in WEIGHTS if name not in OF_DEVICES}
            names = self._random.choices(list(weights), list(weights.values()), k=now)
            steps: list[Callable[[], Awaitable[None]]] = [getattr(self, f"_{name}") for name in names]
            await asyncio.gather(*(step() for step in steps))

    async def _send(self) -> None:
        await self._write(self._a_peer(), self._ann)

    async def _reply(self) -> None:
        await self._write(self._ann, self._a_peer())

    async def _note(self) -> None:
        await self._write(self._ann, self._ann)

    async def _write(self, sender: Member, receiver: Member) -> None:
        text = f"number {len(self.told)}"
        action = send_action(receiver.id, new_client_id(self._random), text)
        message = await self._do(sender, action)
        if message is not None:
            self._sent[pair(sender.id, receiver.id)].append((message["id"], sender))

    async def _read(self) -> None:
        await self._mark(self._ann, self._a_peer())

    async def _they_read(self) -> None:
        await self._mark(self._a_peer(), self._ann)

    async def _delivered(self) -> None:
        peer = self._a_peer()
        line = self._a_line(self._ann)
        if line is not None and (id_ := self._a_mark(self._ann, peer)):
            with suppress(Unknown):  # a cut: marks of delivery are not what this is about
                await line.ask({"type": "delivered", "peer_id": peer.id, "message_id": id_})

    async def _mark(self, me: Member, peer: Member) -> None:
        if id_ := self._a_mark(me, peer):
            frame = {"type": "read", "peer_id": peer.id, "message_id": id_}
            await self._do(me, Action(frame, "POST", f"/api/conversations/{peer.id}/read", {"message_id": id_}))

    def _a_mark(self, me: Member, peer: Member) -> int | None:
        """Any of the latest messages: an old one, one that was deleted, one of my own."""
        sent = self._sent[pair(me.id, peer.id)]
        return self._random.choice(sent[-15:])[0] if sent else None

    async def _delete(self) -> None:
        if found := self._a_message():
            id_, sender = found
            await self._do(sender, Action({"type": "delete", "message_id": id_}, "DELETE", f"/api/messages/{id_}"))

    async def _edit(self) -> None:
        if found := self._a_message():
            id_, sender = found
            text = f"edited {len(self.told)}"
            frame = {"type": "edit", "message_id": id_, "text": text}
            await self._do(sender, Action(frame, "PATCH", f"/api/messages/{id_}", {"text": text}))

    async def _react(self) -> None:
        if found := self._a_message():
            id_, emoji, is_on = found[0], self._random.choice(EMOJIS), self._random.random() < 0.7
            frame = {"type": "react", "message_id": id_, "emoji": emoji, "on": is_on}
            path = f"/api/messages/{id_}/reactions/{emoji}"
            await self._do(self._ann, Action(frame, "PUT" if is_on else "DELETE", path))

    async def _block(self) -> None:
        """Mostly it is lifted soon, or nobody could write any more."""
        peer_id = self._random.choice([*self._blocked]) if self._blocked else self._a_peer().id
        method = "DELETE" if peer_id in self._blocked else "PUT"
        self._blocked ^= {peer_id}
        self.told.append(f"{method} block of {peer_id}")
        await self._ann.api.call(method, f"/api/blocks/{peer_id}")

    async def _cut(self) -> None:
        device = self._random.choice(self.devices)
        self.told.append(f"{device.line.name} is cut")
        for link in list(device.proxy.links):
            if self._random.random() < 0.5:
                link.end(with_reset=True)
            else:
                link.cut_after(self._random.randint(1, 1_000))

    async def _leave_or_return(self) -> None:
        line = self._random.choice(self.devices).line
        self.told.append(f"{line.name} {'returns' if line.is_away else 'leaves'}")
        if line.is_away:
            line.begin()
        else:
            await line.end()

    def _a_peer(self) -> Member:
        return self._random.choice(self._peers)

    def _a_message(self) -> tuple[int, Member] | None:
        """One of the latest of any conversation, and who wrote it."""
        sent = self._sent[pair(self._ann.id, self._random.choice([*self._peers, self._ann]).id)]
        return self._random.choice(sent[-20:]) if sent else None

    def _a_line(self, who: Member) -> Line | None:
        """A device that is connected, if this person has one."""
        line = self._random.choice(self.devices).line if self.devices else None
        return line if line is not None and who is self._ann and line.is_live else None

    async def _do(self, who: Member, action: Action) -> Any:
        """Over a device, or by REST; what a cut leaves unknown is done again. None if it is refused."""
        self.told.append(f"{who.id}: {action.frame}")
        line = self._a_line(who) if self._random.random() < BY_SOCKET else None
        try:
            if line is not None:
                with suppress(Unknown):
                    return await line.ask(action.frame)
            return await who.api.call(action.method, action.path, json=action.body)
        except Refused as refused:
            if refused.code not in ALLOWED:
                raise
            return None
