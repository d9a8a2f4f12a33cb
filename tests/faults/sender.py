"""A person: two devices, and a hand that writes, changes and reads, strictly one thing after the other."""

import asyncio
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from tests.faults.api import Api, Refused, Unknown
from tests.faults.client import Device
from tests.faults.history import History, Kind, Operation

EMOJIS = ("👍", "❤️", "🎉")
OFTEN = 0.1  # how often a message is sent by both transports at once
LATE = 0.03  # how often an old client_id is sent again
RECENT = 50


@dataclass(frozen=True)
class Action:
    """One request, as a frame and as a REST call."""

    frame: dict[str, Any]
    method: str
    path: str
    body: dict[str, Any] | None = None


@dataclass
class Person:
    """Somebody with an account."""

    id: int
    api: Api
    devices: list[Device]
    history: History
    random: Random
    peers: list["Person"] = field(default_factory=list)
    mine: list[Operation] = field(default_factory=list)
    """My latest messages as they were acked, to change them or to send them again."""
    deleted: set[int] = field(default_factory=set)
    pause: float = 0.0

    async def work(self, is_over: asyncio.Event) -> None:
        """Write until it is over; what was begun is brought to an end."""
        while not is_over.is_set():
            await self._send(self.random.choice(self.peers))
            chance = self.random.random()
            if chance < LATE:
                await self._send_again()
            elif chance < 0.13:
                await self._change()
            elif chance < 0.23:
                await self._react_to(self.random.choice(self.peers))
            elif chance < 0.33:
                await self._read_from(self.random.choice(self.peers))
            if self.pause:
                await asyncio.sleep(self.pause * self.random.random())

    async def _send(self, peer: "Person") -> None:
        client_id = str(UUID(int=self.random.getrandbits(128), version=4))
        text = f"{self.id} to {peer.id}: {client_id[:8]}"
        began = self._begin("send", peer.id, client_id=client_id, text=text)
        result = await self._until_known(began, send_action(peer.id, client_id, text))
        if result is not None:
            self.history.acked += 1
            self.mine = [*self.mine[-RECENT:], began._replace(id=result["id"])]

    async def _send_again(self) -> None:
        """A client_id that was acked long ago: the answer is the message that it made."""
        old = self.random.choice(self.mine) if self.mine else None
        if old is not None and old.client_id is not None:
            self.history.doubled += 1
            again = old._replace(at=time.monotonic())
            await self._until_known(again, send_action(old.peer_id, old.client_id, old.text or ""))

    async def _change(self) -> None:
        alive = [op for op in self.mine if op.id not in self.deleted]
        if not alive:
            return
        old = self.random.choice(alive)
        assert old.id is not None
        path = f"/api/messages/{old.id}"
        if self.random.random() < 0.3:
            self.deleted.add(old.id)
            began = self._begin("delete", old.peer_id, id_=old.id)
            action = Action({"type": "delete", "message_id": old.id}, "DELETE", path)
        else:
            text = f"{old.text} edited {self.random.getrandbits(32):08x}"
            began = self._begin("edit", old.peer_id, id_=old.id, text=text)
            frame = {"type": "edit", "message_id": old.id, "text": text}
            action = Action(frame, "PATCH", path, {"text": text})
        await self._until_known(began, action)

    async def _react_to(self, peer: "Person") -> None:
        if not peer.mine:
            return
        id_ = self.random.choice(peer.mine).id
        emoji, is_on = self.random.choice(EMOJIS), self.random.random() < 0.7
        frame = {"type": "react", "message_id": id_, "emoji": emoji, "on": is_on}
        path = f"/api/messages/{id_}/reactions/{emoji}"
        # Some of the peer's messages do not concern me, and some are deleted: those are refused.
        began = self._begin("react", peer.id, id_=id_)
        await self._until_known(began, Action(frame, "PUT" if is_on else "DELETE", path))

    async def _read_from(self, peer: "Person") -> None:
        to_me = [op.id for op in peer.mine if op.peer_id == self.id]
        if not to_me:
            return
        id_ = self.random.choice(to_me)
        frame = {"type": "read", "peer_id": peer.id, "message_id": id_}
        action = Action(frame, "POST", f"/api/conversations/{peer.id}/read", {"message_id": id_})
        await self._until_known(self._begin("read", peer.id, id_=id_), action)

    def _begin(
        self,
        action: str,
        peer_id: int,
        *,
        client_id: str | None = None,
        text: str | None = None,
        id_: int | None = None,
    ) -> Operation:
        now = time.monotonic()
        began = Operation(Kind.INVOKE, now, f"person {self.id}", action, self.id, peer_id, client_id, text, id_)
        self.history.operations.append(began)
        return began

    async def _until_known(self, began: Operation, action: Action) -> Any:
        """Try until it has happened or is refused; each attempt is noted."""
        while True:
            both = self.random.random() < OFTEN
            self.history.doubled += both
            tries = [self._over_socket, self._over_rest] if both else [self._any_transport()]
            outcomes = await asyncio.gather(*(each(action) for each in tries), return_exceptions=True)
            results = [self._note(began, outcome) for outcome in outcomes]
            done = [each for each in results if each is not None]
            if done:
                return next((each for each in done if isinstance(each, dict)), None)
            await asyncio.sleep(self.random.uniform(0.05, 0.4))

    def _note(self, began: Operation, outcome: Any) -> Any:
        """Write one attempt into the history; not `None` if the matter is settled."""
        if isinstance(outcome, Unknown):
            self.history.add(Kind.INFO, began, client=str(outcome))
            return None
        if isinstance(outcome, Refused):
            self.history.add(Kind.FAIL, began, client=outcome.code)
            return outcome
        if isinstance(outcome, BaseException):
            raise outcome
        id_ = outcome["id"] if began.action == "send" else began.id
        self.history.add(Kind.OK, began, id_=id_)
        return outcome if outcome is not None else True

    def _any_transport(self) -> Any:
        has_socket = self.devices[0].is_live
        return self._over_socket if has_socket and self.random.random() < 0.85 else self._over_rest

    async def _over_socket(self, action: Action) -> Any:
        return await self.devices[0].ask(action.frame)

    async def _over_rest(self, action: Action) -> Any:
        return await self.api.call(action.method, action.path, json=action.body)


def send_action(to: int, client_id: str, text: str) -> Action:
    """A new message, or the same one again."""
    frame = {"type": "send", "to": to, "text": text, "client_id": client_id}
    body = {"receiver_id": to, "text": text, "client_id": client_id}
    return Action(frame, "POST", "/api/messages", body)
