"""Cuts one person's connections at moments that a seed and the count of what they have seen decide."""

from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any

from tests.faults.history import Applied, Log
from tests.faults.proxy import Link, Proxy

LONGEST_PIECE = 2_000
SURE_PIECE = 100
"""Bytes: less than any handshake, for when there may be nothing more to see."""
HANDSHAKE_PIECE = 1_500
"""Bytes: the handshake, `ready`, and the first events of the replay."""


class Seen(Log):
    """A log that tells how far it is."""

    def __init__(self, user_id: int, tell: Callable[[int], None]) -> None:
        super().__init__(user_id)
        self._tell = tell

    def apply(self, seq: int, type_: str, data: dict[str, Any]) -> Applied:
        outcome = super().apply(seq, type_, data)
        if outcome is Applied.APPLIED:
            self._tell(self.last)
        return outcome


class CuttingProxy(Proxy):
    """Cuts `count` connections while the person behind it sees the first `until` events.

    What is cut: the connection at once (RST or FIN), in the middle of some frame soon after, or the next one while it
    is being opened.
    """

    def __init__(self, target_port: int, random: Random, *, count: int, until: int) -> None:
        super().__init__(target_port)
        self._choices = random
        moments = sorted(random.sample(range(1, until), count))
        kinds = [random.choice(["reset", "fin", "frame", "handshake"]) for _ in range(count - 1)]
        # The last one brings a connection more, for a handshake that is still to be cut.
        self._plan = deque(zip(moments, [*kinds, "reset"], strict=True))
        self._owed: deque[str] = deque()
        self._handshakes = 0
        self._doomed: list[Link] = []

    @property
    def cuts(self) -> int:
        """How many connections have been cut."""
        return sum(link.is_dead for link in self._doomed)

    def seen(self, count: int) -> None:
        """The person has seen so many events: cut what is due now."""
        while self._plan and self._plan[0][0] <= count:
            kind = self._plan.popleft()[1]
            if kind == "handshake":
                self._handshakes += 1
            else:
                self._owed.append(kind)
        if not self._plan:  # the rest may come by another way: no cut waits for bytes of a socket any more
            for link in self._doomed:
                link.end(with_reset=True)
        # What was read ahead may still be seen when its connection is cut already: that one does not count again.
        alive = [link for link in self.links if link not in self._doomed]
        if self._owed and alive:
            self._cut(alive[0], self._owed.popleft())

    def connect(self, link: Link) -> None:
        super().connect(link)
        if self._handshakes:
            self._handshakes -= 1
        elif self._owed:  # they saw so much at once that not every cut had a connection
            self._owed.popleft()
        else:
            return
        self._doomed.append(link)
        link.cut_after(self._choices.randint(1, HANDSHAKE_PIECE if self._plan else SURE_PIECE))

    def _cut(self, link: Link, kind: str) -> None:
        self._doomed.append(link)
        if kind == "frame" and self._plan:
            link.cut_after(self._choices.randint(1, LONGEST_PIECE))
        else:
            link.end(with_reset=kind == "reset")
