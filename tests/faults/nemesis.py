"""What breaks, when: a seeded deck of rows, dealt again and again, and how long everyone takes to recover."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from random import Random

from tests.faults.rows import Row, Target

PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.02
PILED_UP = 0.25  # how often the next fault does not wait for the recovery from this one


def deal(rows: Sequence[Row], random: Random) -> Iterator[Row]:
    """Every row as often as its weight, in random order, before any comes again."""
    while True:
        deck = [row for row in rows for _ in range(row.weight)]
        random.shuffle(deck)
        yield from deck


class Nemesis:
    """Breaks one thing after the other while `goes_on()`."""

    def __init__(self, rows: Sequence[Row], target: Target, seed: int, who_is_away: Callable[[], list[str]]) -> None:
        # How often a row draws depends on what it meets; so that the schedule does not, that has its own numbers.
        self._random = Random(seed)
        self._rows = deal(rows, self._random)
        self._target = target
        self._who_is_away = who_is_away
        self.faults: Counter[str] = Counter()
        self.crashes = 0
        self.recoveries: dict[str, list[float]] = defaultdict(list)
        """Seconds from the moment when it was healed until everybody is back and something new was acked."""
        self.stuck: list[str] = []
        self.latest = ""

    async def run(self, goes_on: Callable[[], bool], mark: Callable[[], None], acked_at: Callable[[], float]) -> None:
        """`mark` begins a measurement, `acked_at` is when something that began after it was acked, 0 until then."""
        for row in self._rows:
            if not goes_on():
                return
            self.latest = row.name
            await self._target.moment(0.5)
            await row.break_and_heal(self._target)
            self.faults[row.name] += 1
            self.crashes += row.is_crash
            if self._random.random() < PILED_UP:
                continue
            mark()
            healed_at = time.monotonic()
            while (away := self._who_is_away()) or not acked_at():
                if time.monotonic() - healed_at > PATIENCE_SECONDS:
                    self.stuck.append(f"{PATIENCE_SECONDS:g} s after {row.name!r} not back: {away or 'nothing acked'}")
                    break
                await asyncio.sleep(POLL_SECONDS)
            self.recoveries[row.name].append(time.monotonic() - healed_at)
