"""What happened, as seen from outside: an append-only list of operations, and what each device applied.

Nothing here asks the product anything, so the checker can be tested on histories that are made by hand.
"""

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, Self

Pair = tuple[int, int]
Key = int | tuple[int, int, int]

CREATED = "message.created"
MESSAGE_EVENTS = (CREATED, "message.updated", "message.deleted")
MARK_EVENTS = ("conversation.read", "conversation.delivered")


class Kind(StrEnum):
    """Jepsen's four: `info` is an attempt whose outcome is unknown."""

    INVOKE = "invoke"
    OK = "ok"
    FAIL = "fail"
    INFO = "info"


class Operation(NamedTuple):
    """One line of the history. A send has a client_id; the other actions name a message by `id`."""

    kind: Kind
    at: float
    client: str
    action: str
    sender_id: int
    peer_id: int
    client_id: str | None = None
    text: str | None = None
    id: int | None = None

    @property
    def conversation(self) -> Pair:
        """The two people, lower id first."""
        return pair(self.sender_id, self.peer_id)


def pair(one: int, other: int) -> Pair:
    """A conversation's name."""
    return (one, other) if one < other else (other, one)


class Message(NamedTuple):
    """Everything of a message that a client shows; two devices must agree on all of it."""

    id: int
    client_id: str
    sender_id: int
    receiver_id: int
    text: str | None
    revision: int
    created_at: str
    edited_at: str | None = None
    deleted_at: str | None = None
    reactions: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """A message as the API tells it."""
        return cls(
            id=data["id"],
            client_id=data["client_id"],
            sender_id=data["sender_id"],
            receiver_id=data["receiver_id"],
            text=data["text"],
            revision=data["revision"],
            created_at=data["created_at"],
            edited_at=data["edited_at"],
            deleted_at=data["deleted_at"],
            reactions=tuple((each["emoji"], tuple(each["user_ids"])) for each in data["reactions"]),
        )

    @property
    def conversation(self) -> Pair:
        """The two people, lower id first."""
        return pair(self.sender_id, self.receiver_id)


class Entry(NamedTuple):
    """One applied event: its number, its type and what it is about."""

    seq: int
    type: str
    key: Key


class Applied(StrEnum):
    """What the sequencer did with an event."""

    APPLIED = "applied"
    DROPPED = "dropped"
    GAP = "gap"


class Log:
    """One journal as one reader applied it, by the sequencer's rule: next is applied, older dropped, a gap refused."""

    def __init__(self, user_id: int, pool: dict[Any, Any] | None = None) -> None:
        self.user_id = user_id
        self.entries: list[Entry] = []
        self.messages: dict[int, Message] = {}
        self.last = 0
        self.resets = 0
        self.seen: Counter[Applied] = Counter()
        self._pool = {} if pool is None else pool  # equal states of many devices are kept once

    def apply(self, seq: int, type_: str, data: dict[str, Any]) -> Applied:
        """Take one event, or say why not."""
        outcome = self._judge(seq)
        self.seen[outcome] += 1
        if outcome is Applied.APPLIED:
            self.last = seq
            entry = Entry(seq, sys.intern(type_), self._take(type_, data))
            self.entries.append(self._pool.setdefault(entry, entry))
        return outcome

    def _judge(self, seq: int) -> Applied:
        if seq <= self.last:
            return Applied.DROPPED
        return Applied.APPLIED if seq == self.last + 1 else Applied.GAP

    def _take(self, type_: str, data: dict[str, Any]) -> Key:
        if type_ in MESSAGE_EVENTS:
            message = Message.from_json(data)
            self.messages[message.id] = self._pool.setdefault(message, message)
            return message.id
        if type_ in MARK_EVENTS:
            return (data["user_id"], data["peer_id"], data["message_id"])
        key: int = data.get("user_id", data.get("id", 0))
        return key


@dataclass
class History:
    """The operations of all clients, in the order in which they were noted."""

    operations: list[Operation] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    """HTTP statuses, refused frames' codes and close codes, for the report."""
    pool: dict[Any, Any] = field(default_factory=dict)
    acked: int = 0
    doubled: int = 0
    """Requests that went over both transports at once, and sends that were repeated after they had been acked."""
    last_ok_at: float = 0.0
    """When an operation that began after the last fault was healed has succeeded; see `mark`."""
    _marked_at: float = 0.0

    def add(self, kind: Kind, began: Operation, *, id_: int | None = None, client: str | None = None) -> None:
        """Note what became of an operation (or that it begins)."""
        now = time.monotonic()
        if kind is Kind.OK and began.at >= self._marked_at and not self.last_ok_at:
            self.last_ok_at = now
        self.operations.append(
            began._replace(kind=kind, at=now, id=id_ if id_ is not None else began.id, client=client or began.client)
        )

    def write(self, path: Path) -> None:
        """One JSON line for each operation, to look into what was found."""
        with path.open("w") as lines:
            for operation in self.operations:
                lines.write(json.dumps(operation._asdict(), ensure_ascii=False) + "\n")

    def mark(self) -> None:
        """From now on, `last_ok_at` is the first success of something that began later."""
        self._marked_at, self.last_ok_at = time.monotonic(), 0.0


class Side(NamedTuple):
    """One line of somebody's list of conversations."""

    unread: int
    my_read_id: int | None


@dataclass
class Evidence:
    """All that the checker looks at."""

    history: History
    devices: dict[str, Log] = field(default_factory=dict)
    fresh: dict[int, Log] = field(default_factory=dict)
    """Each person's journal, read from 0 when all was over."""
    stored: dict[Pair, list[Message]] = field(default_factory=dict)
    """(person, peer): that conversation as the person's history shows it."""
    sides: dict[Pair, Side] = field(default_factory=dict)
    """(person, peer)"""
    stuck: list[str] = field(default_factory=list)
    """Clients that had not come to an end, or had not caught up, when patience was over."""
    overdue: list[str] = field(default_factory=list)
    """Processes that did not obey SIGTERM and had to be killed."""
