"""Two ways in which a client keeps unread counts, and a device that keeps both."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.delivery.party import Line, Member
from tests.faults.api import Refused, Unknown
from tests.faults.history import CREATED, Applied, Log
from tests.faults.proxy import Proxy

DELETED = "message.deleted"
READ = "conversation.read"


class Ledger:
    """Knows every unread message, and needs nothing but events."""

    def __init__(self, me: int) -> None:
        self._me = me
        self._marks: dict[int, int] = defaultdict(int)
        self._alive: dict[int, set[int]] = defaultdict(set)

    def load(self, peer_id: int, mark: int | None, messages: list[dict[str, Any]]) -> None:
        self._marks[peer_id] = mark or 0
        for message in messages:
            self.apply(CREATED, message)

    def apply(self, type_: str, data: dict[str, Any]) -> None:
        if type_ in (CREATED, DELETED):
            alive = self._alive[data["sender_id"]]
            # An old event shows the message as it is now, so one that was just made may be deleted already.
            (alive.discard if data["deleted_at"] else alive.add)(data["id"])
        elif type_ == READ and data["user_id"] == self._me:
            self._marks[data["peer_id"]] = max(self._marks[data["peer_id"]], data["message_id"])

    def unread(self, peer_id: int) -> int:
        is_me = peer_id == self._me
        return 0 if is_me else sum(id_ > self._marks[peer_id] for id_ in self._alive[peer_id])


@dataclass
class Badge:
    """One line of the list of conversations."""

    unread: int
    mark: int
    last_id: int


class Badges:
    """The rule of the SPA (frontend/src/realtime/apply.ts) with no history on the screen.

    A new message counts one up. What only the server can know (how many are left after a mark in the middle, whether a
    deleted one was unread) is asked for: the list of conversations is loaded again.
    """

    def __init__(self, me: int) -> None:
        self._me = me
        self._by_peer: dict[int, Badge] = {}

    def load(self, items: list[dict[str, Any]]) -> None:
        self._by_peer = {
            item["peer"]["id"]: Badge(item["unread_count"], item["my_read_id"] or 0, item["last_message"]["id"])
            for item in items
        }

    def apply(self, type_: str, data: dict[str, Any]) -> bool:
        """Whether the list has to be loaded again."""
        if type_ in (CREATED, DELETED):
            peer_id = data["receiver_id"] if data["sender_id"] == self._me else data["sender_id"]
            badge = self._by_peer.get(peer_id)
            is_unread = badge is not None and data["sender_id"] != self._me and data["id"] > badge.mark
            if badge is None or type_ == DELETED:
                return badge is None or is_unread
            if data["id"] > badge.last_id:
                badge.last_id = data["id"]
                badge.unread += is_unread
        elif type_ == READ and data["user_id"] == self._me:
            return self._read(data["peer_id"], data["message_id"])
        return False

    def unread(self, peer_id: int) -> int:
        badge = self._by_peer.get(peer_id)
        return badge.unread if badge else 0

    def _read(self, peer_id: int, message_id: int) -> bool:
        badge = self._by_peer.get(peer_id)
        if badge is None:
            return False
        badge.mark = max(badge.mark, message_id)
        if badge.last_id > badge.mark:
            return True
        badge.unread = 0
        return False


class Counting(Log):
    """A log that passes on what it applies."""

    def __init__(self, user_id: int, take: Callable[[str, dict[str, Any]], None]) -> None:
        super().__init__(user_id)
        self._pass_on = take

    def apply(self, seq: int, type_: str, data: dict[str, Any]) -> Applied:
        outcome = super().apply(seq, type_, data)
        if outcome is Applied.APPLIED:
            self._pass_on(type_, data)
        return outcome


class Counter:
    """The counts of one device. `load` is what a client does first: the position, then the lists, then events."""

    def __init__(self, owner: Member) -> None:
        self.owner = owner
        self.log = Counting(owner.id, self._take)
        self.ledger = Ledger(owner.id)
        self.badges = Badges(owner.id)
        self._is_stale = False
        self._loading: asyncio.Task[None] | None = None
        self.reloads = 0

    async def load(self) -> None:
        self.log.last = await self.owner.head()
        items = (await self.owner.get("/api/conversations", limit=100))["items"]
        self.badges.load(items)
        for item in items:
            peer_id, mark = item["peer"]["id"], item["my_read_id"]
            page = await self.owner.get(f"/api/messages/{peer_id}", after=mark or 0, limit=100)
            assert not page["has_more_after"]
            self.ledger.load(peer_id, mark, page["items"])

    @property
    def is_settled(self) -> bool:
        """Whether nothing is being loaded again."""
        return not self._is_stale and (self._loading is None or self._loading.done())

    def _take(self, type_: str, data: dict[str, Any]) -> None:
        self.ledger.apply(type_, data)
        if self.badges.apply(type_, data):
            self._is_stale = True
            if self._loading is None or self._loading.done():
                self._loading = asyncio.create_task(self._reload())

    async def _reload(self) -> None:
        """A list that was read while an event came may lack that event: it is read again."""
        while self._is_stale:
            self._is_stale = False
            before = self.log.last
            with suppress(Unknown, Refused):
                items = (await self.owner.get("/api/conversations", limit=100))["items"]
                self.reloads += 1
                if self.log.last == before:
                    self.badges.load(items)
                    continue
            self._is_stale = True


@dataclass
class Device:
    """A line, the counts that its events lead to, and the network in between."""

    line: Line
    counter: Counter
    proxy: Proxy

    def is_at(self, head: int) -> bool:
        """Whether it knows everything up to there."""
        return self.counter.log.last >= head and self.counter.is_settled
