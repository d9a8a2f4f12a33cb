"""Pairs of people who talk: what was sent, acked and delivered, and when. Everything is checked afterwards."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

from bench.client import Socket, head
from bench.shapes import Target

TEXT = "Привіт! Чекаю на тебе о сьомій біля фонтану, see you there"
OK, EVENT, ERROR = b'{"type":"ok"', b'{"type":"event"', b'{"type":"error"'
CLIENT_ID = b'"client_id":"'
DRAIN_SECONDS = 60
CONNECTING_AT_ONCE = 32


@dataclass
class Verdict:
    """Every ack against every delivery, and against the database."""

    acked: int = 0
    lost: int = 0
    """acked, but its receiver did not get it"""
    doubled: int = 0
    """got twice by its receiver, or acked twice"""
    unanswered: int = 0
    errors: int = 0
    not_stored: int = 0
    """acked, but the database does not have it; only where there is one"""

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.unanswered or self.errors or self.not_stored)

    def __iadd__(self, other: Self) -> Self:
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


def _new_session() -> str:
    """The first part of client_ids; twelve digits follow."""
    return f"{secrets.token_hex(4)}-0000-4000-8000-"


@dataclass
class Pair:
    """A sender and a receiver, each with a socket."""

    sender_id: int
    receiver_id: int
    session: str = field(default_factory=_new_session)
    sent: list[float] = field(default_factory=list)
    """When each was sent; its place in the list is its number."""
    acks: list[tuple[int, float]] = field(default_factory=list)
    deliveries: list[tuple[int, float]] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)
    on_ack: Callable[["Pair"], None] | None = None

    async def connect(self, target: Target) -> None:
        """Open both sockets."""
        token = target.minter.token
        self.receiver = await Socket.connect_patiently(
            target.port, token(self.receiver_id), on_text=self._receiver_hears
        )
        self.sender = await Socket.connect_patiently(target.port, token(self.sender_id), on_text=self._sender_hears)
        self._prepare()

    def _prepare(self) -> None:
        """The parts of a frame around its number, which is in it twice, as twelve digits."""
        start = b'{"type":"send","id":"'
        middle = f'","to":{self.receiver_id},"text":"{TEXT}","client_id":"{self.session}'.encode()
        end = b'"}'
        self._parts = (head(len(start) + 12 + len(middle) + 12 + len(end)) + start, middle, end)
        self._mine = self.session.encode()

    def send(self) -> None:
        """Send the next message."""
        number = len(self.sent)
        start, middle, end = self._parts
        self.sent.append(time.perf_counter())
        self.sender.send(b"%b%012d%b%012x%b" % (start, number, middle, number, end))

    def address(self, receiver_id: int) -> None:
        """Write to somebody else from now on."""
        self.receiver_id = receiver_id
        self._prepare()

    def forget(self) -> None:
        """Begin anew, as if nothing had been sent."""
        self.sent, self.acks, self.deliveries, self.errors = [], [], [], []
        self.session = _new_session()
        self._prepare()

    def client_id(self, number: int) -> str:
        """The client_id of one of its messages."""
        return f"{self.session}{number:012x}"

    def close(self) -> None:
        """Close both sockets."""
        self.sender.cut()
        self.receiver.cut()

    @property
    def is_settled(self) -> bool:
        """Whether everything sent was answered and delivered."""
        return len(self.sent) == len(self.acks) + len(self.errors) and len(self.deliveries) >= len(self.acks)

    def verdict(self) -> Verdict:
        """What became of its messages, without asking the database."""
        acked, got = Counter(number for number, _ in self.acks), Counter(number for number, _ in self.deliveries)
        doubled = sum(count - 1 for each in (acked, got) for count in each.values())
        return Verdict(
            acked=len(acked),
            lost=len(acked.keys() - got.keys()),
            doubled=doubled,
            unanswered=len(self.sent) - len(acked) - len(self.errors),
            errors=len(self.errors),
        )

    def _sender_hears(self, text: bytes) -> None:
        if text.startswith(OK):
            self.acks.append((_number(text), time.perf_counter()))
            if self.on_ack is not None:
                self.on_ack(self)
        elif text.startswith(ERROR):
            self.errors.append(text)
            if self.on_ack is not None:
                self.on_ack(self)

    def _receiver_hears(self, text: bytes) -> None:
        if text.startswith(EVENT) and self._mine in text:
            self.deliveries.append((_number(text), time.perf_counter()))


def _number(text: bytes) -> int:
    start = text.index(CLIENT_ID) + len(CLIENT_ID) + 24
    return int(text[start : start + 12], 16)


async def connect_pairs(target: Target, count: int, first: int = 1) -> list[Pair]:
    """Pairs of people from `first` on, who are all connected."""
    pairs = [Pair(first + 2 * index, first + 2 * index + 1) for index in range(count)]
    for start in range(0, count, CONNECTING_AT_ONCE):
        await asyncio.gather(*(pair.connect(target) for pair in pairs[start : start + CONNECTING_AT_ONCE]))
    return pairs


async def close_pairs(pairs: Sequence[Pair]) -> None:
    """Close all sockets, and let the server notice."""
    for pair in pairs:
        pair.close()
    await asyncio.sleep(0.3)


async def settle(pairs: Sequence[Pair], seconds: float = DRAIN_SECONDS) -> None:
    """Wait for what is still on its way, at most this long."""
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline and not all(pair.is_settled for pair in pairs):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)  # for what comes twice


async def judge(pairs: Sequence[Pair], target: Target) -> Verdict:
    """Everything that was acked, against what was delivered and what is stored."""
    total = Verdict()
    for pair in pairs:
        total += pair.verdict()
    if target.count_stored is not None:
        acked = {pair.client_id(number) for pair in pairs for number, _ in pair.acks}
        total.not_stored = len(acked) - await target.count_stored(acked)
    return total
