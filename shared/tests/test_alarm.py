"""One timer for many statements rings for the one that takes too long, when its time is over."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared import direct
from shared.direct import Alarm

MANY = 1_000


@dataclass
class Timer:
    """One of the loop's."""

    at: float
    do: Callable[[], None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass
class FakeLoop:
    """A loop whose time goes by when it is told to."""

    now: float = 0
    timers: list[Timer] = field(default_factory=list)

    def call_later(self, seconds: float, do: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.now + seconds, do))
        return self.timers[-1]

    def go_on_until(self, end: float) -> None:
        """Run every timer that is due by then, each at its time."""
        while due := [timer for timer in self.timers if timer.at <= end and not timer.is_cancelled]:
            first = min(due, key=lambda timer: timer.at)
            self.now = first.at
            first.cancel()
            first.do()
        self.now = end


def loop_in(patch: pytest.MonkeyPatch) -> FakeLoop:
    loop = FakeLoop()
    patch.setattr(direct, "monotonic", lambda: loop.now)
    patch.setattr("asyncio.get_running_loop", lambda: loop)
    return loop


times = st.integers(1, 10)


@given(st.lists(st.tuples(times, times, times), max_size=20))
@example([(1, 6, 1), (1, 2, 5)])  # a hasty one, while there is a timer for one that was not
@example([(1, 4, 3), (1, 4, 5)])
def test_it_rings_for_what_is_late_and_when_it_is(statements: list[tuple[int, int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        loop = loop_in(patch)
        rings: list[float] = []
        expected: list[float] = []
        alarm = Alarm(lambda: rings.append(loop.now))
        for gap, allowed, took in statements:
            began = loop.now + gap
            loop.go_on_until(began)
            alarm.begin(loop.now, allowed)
            loop.go_on_until(began + took - 0.5)
            alarm.end()
            if took - 0.5 >= allowed:
                expected.append(began + allowed)
        loop.go_on_until(loop.now + 100)
        assert rings == expected


def test_there_is_one_timer_for_many() -> None:
    with pytest.MonkeyPatch.context() as patch:
        loop = loop_in(patch)
        alarm = Alarm(pytest.fail)
        for number in range(MANY):
            loop.go_on_until(number * 4 / MANY)
            alarm.begin(loop.now, 4)
            alarm.end()
        assert len(loop.timers) == 1
        loop.go_on_until(100)
        assert len(loop.timers) == 1
