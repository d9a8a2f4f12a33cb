"""The rows that must hold: ratios of one run, and bounds."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.results import Key, Results, Spread
from bench.scenarios import history, idle, latency, open_loop, send, signing_in, storm

Find = Callable[[Results], Spread | None]


@dataclass(frozen=True)
class Row:
    """A figure and its bound."""

    name: str
    bound: float
    unit: str
    find: Find
    at_least: bool = False
    always: bool = False
    """In every run, not only in the median of them."""

    @property
    def goal(self) -> str:
        """The bound in words."""
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}{self.unit}" if self.bound else "none"

    def holds(self, spread: Spread) -> bool:
        """By the median, or by the worst run."""
        if self.always:
            return max(spread.values) <= self.bound
        return spread.median >= self.bound if self.at_least else spread.median <= self.bound


def _at_least(name: str, bound: float, find: Find) -> Row:
    return Row(name, bound, " ×", find, at_least=True)


def _at_most(name: str, bound: float, find: Find) -> Row:
    return Row(name, bound, " ×", find)


def _ratio(one: Key, other: Key) -> Find:
    return lambda results: results.ratio(one, other)


def _value(key: Key) -> Find:
    return lambda results: results.get(*key)


def _sent(metric: str, one: str, other: str) -> Find:
    """Two shapes compared with so many pairs as all are compared with."""
    return _ratio(*(Key(send.SCENARIO, shape, f"{send.MAIN} pairs", metric) for shape in (one, other)))


def _growth(question: str) -> Find:
    cases = (f"{size:,} messages" for size in (history.MANY, history.FEW))
    return _ratio(*(Key(history.SCENARIO, question, case, "p50 ms") for case in cases))


def _storm(metric: str) -> Find:
    return _value(Key(storm.SCENARIO, GATEWAY, "5,000", metric))


def _steady(metric: str) -> Find:
    return _value(Key(open_loop.SCENARIO, STACK, "200/s", metric))


def _refresh(shape: str, case: str) -> Key:
    return Key(signing_in.REFRESH, shape, case, "per s")


def _login(case: str) -> Find:
    return _value(Key(signing_in.LOGIN, AUTH, case, "beyond argon2 %"))


NAIVE, CEILING, ONE_PROCESS = "naive, PostgreSQL", "ceiling", "one process, SQLite"
SAME_FRAMES = "ceiling, own events too"
STACK, GATEWAY, AUTH = "stack, 1 chat process", "stack, 1 chat process, nginx", "auth_service"
RATE, CPU = "acked/s", "CPU s/1000"
ROWS = (
    _at_least("durable send, 64 pairs: acked/s against the naive app", 6, _sent(RATE, STACK, NAIVE)),
    _at_least("… against the ceiling", 0.5, _sent(RATE, STACK, CEILING)),
    _at_least("… against the ceiling that sends the same three frames", 0.5, _sent(RATE, STACK, SAME_FRAMES)),
    _at_most("CPU per 1,000 durable messages, app + PostgreSQL, against the naive app", 0.2, _sent(CPU, STACK, NAIVE)),
    _at_most("… against the ceiling", 2.5, _sent(CPU, STACK, CEILING)),
    _at_most("… against the ceiling that sends the same three frames", 2.5, _sent(CPU, STACK, SAME_FRAMES)),
    _at_least(
        "SQLite in one process, 64 pairs: acked/s against the naive app on PostgreSQL",
        3,
        _sent(RATE, ONE_PROCESS, NAIVE),
    ),
    _at_most(
        "latency, 1 pair: p50 from send to ack against one bare `INSERT` by asyncpg",
        4,
        _ratio(*(Key(latency.SCENARIO, shape, "1 pair", "p50 ms") for shape in (STACK, latency.BARE))),
    ),
    _at_most("open loop, 200/s: delivery p99 against its p50", 10, _steady("p99 / p50")),
    Row("… the longest delivery: no stall", 50, " ms", _steady("max ms"), always=True),
    Row(
        "memory per idle socket, chat process, 10,000 sockets",
        25,
        " KiB",
        _value(Key(idle.SCENARIO, STACK, "10,000", "app KiB each")),
    ),
    Row("reconnect storm of 5,000 with resume: all live again", 20, " s", _storm("all live s"), always=True),
    Row("… errors other than 503/429 with a time to wait", 0, "", _storm("errors"), always=True),
    Row("… lost events", 0, "", _storm("lost events"), always=True),
    _at_least(
        "refreshes/s, one auth process, 8 in parallel, against the naive app's one-`INSERT` POST",
        1,
        _ratio(_refresh(AUTH, signing_in.TURN), _refresh(NAIVE, signing_in.POST)),
    ),
    Row("login, 8 in parallel: CPU beyond its one argon2 verification", 10, " %", _login(signing_in.IN_PARALLEL)),
    Row("… one after the other", 10, " %", _login(signing_in.ALONE)),
    _at_most("1,000,000 messages against 10,000: newest page, p50", 1.2, _growth("newest page")),
    _at_most("… sync of 1,000 events, p50", 1.2, _growth("sync of 1,000 events")),
    _at_most("… send, p50", 1.2, _growth("send")),
)
