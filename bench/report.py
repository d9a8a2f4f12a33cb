"""docs/performance.md: ratios first, then every figure, and what it was measured on."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

from bench.options import Options
from bench.results import Results
from bench.rows import ROWS
from tests.faults import machine

PACKAGES = ("fastapi", "uvicorn", "uvloop", "websockets", "sqlalchemy", "asyncpg", "pydantic")
ABOUT = {
    "send": "Each pair has one message in flight; the next is sent at the ack. CPU is of the application and its "
    "database, `app` of the application alone, `client` of the load generator. The clocks start after a warm-up. With "
    "64 pairs, where the rows above are from, what is compared takes turns of two seconds, four of each.",
    "latency": "Blocks of both take turns on one server. `bare` is one prepared statement outside a transaction block.",
    "open loop": "64 pairs, exponential intervals. A delivery is timed from the sender's write to the peer's event. "
    "`disk max` is the slowest of twenty writes a second that the load generator keeps in a file of its own meanwhile: "
    "a slow delivery while the disk was fast is ours.",
    "history": "Person 1 has 2,000 conversations; half of all messages are in one of them. Both databases take turns.",
    "idle sockets": "Growth of resident memory over the same processes after 100 sockets had come and gone; 35 s of "
    "silence at the last size, so that heartbeats and pings are included. The gateway's is for both of its workers.",
    "reconnect storm": "Everybody is cut off, misses two messages, and all come back at once through nginx with "
    "`since`. Who is refused with a time to wait comes back after it, ±50 %.",
    "refresh": "8 kept-alive connections. The naive POST asks nobody who they are.",
    "login": "CPU of the application and PostgreSQL beyond what they spend idly; argon2's own is that of the threads "
    "that verify and do nothing else (passlib, which calls it, takes 0.01 ms of it). The ASGI function "
    "(`bench/apps/login.py`) reads the hash, has it verified in a thread, stores a session and does no more: what a "
    "login costs at least, on this machine and in this run. With limits on, Valkey's CPU is counted too.",
    "files": "Random bytes from the load generator's memory; the client's share of the time is included.",
    "switching conversations": "From the click to the first frame that shows messages of the other conversation, by "
    "the page's own clock; cold: after a reload of the page. Both ends of it are on this machine.",
    "starts": "From the command to 200 on `ready`. Cold: an empty folder, all migrations.",
    "memory at rest": "PSS of each service with its children, ten seconds after the start.",
}


@dataclass
class Conditions:
    """What a run ran under."""

    options: Options
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])
    times: dict[str, float] = field(default_factory=dict)

    def took(self, name: str, seconds: float) -> None:
        """A scenario is done once more."""
        self.times[name] = self.times.get(name, 0) + seconds

    def told(self) -> str:
        """As a list."""
        options = self.options
        minutes = sum(self.times.values()) / 60
        versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
        cores = "Client on one core, application on the other, databases and gateway where there is room"
        lines = [
            f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {machine.commit()}; {minutes:.0f} minutes: "
            + ", ".join(f"{name} {seconds:.0f} s" for name, seconds in self.times.items()),
            f"- {machine.machine()}; load average before: {self.load_before:.2f}. `others %` is what was taken of the "
            "whole machine by processes that were not measured.",
            f"- {machine.versions()}",
            f"- {versions}",
            f"- {options.runs} runs; a load is measured for {options.seconds:g} s after {options.warm_up:g} s. "
            f"{cores if options.pin else 'Nothing is pinned'}; two chat processes never are, nor are logins. It is the "
            "same for the product and both yardsticks.",
            "- PostgreSQL with `fsync` and its defaults, SQLite with `synchronous=FULL`. Rate limits are off. Product "
            "and yardsticks run on uvloop, httptools and the same socket implementation, without compression.",
        ]
        return "\n".join(lines)


def page(results: Results, *, is_quick: bool) -> str:
    """The whole page."""
    totals = results.totals
    parts = [
        "# Performance",
        "Written by `make bench` (`python -m bench --report`). The *naive* app (`bench/apps/naive.py`) is what anybody "
        "writes first: FastAPI, an ORM session and a commit for each message. The *ceiling* (`bench/apps/ceiling.py`) "
        "has the same sockets and frames, and no database; it sends two frames a message (ack, delivery), the product "
        "three: the contract gives the sender its own event too. “Ceiling, own events too” sends three. Figures are "
        "medians, in brackets the range over the runs.",
        *(["**A quick run with small numbers: its figures mean nothing.**"] if is_quick else []),
        "## What must hold",
        _rows(results),
        f"{totals['acked']:,} acks were checked against deliveries and the database: {totals['lost']} lost, "
        f"{totals['doubled']} doubled, {totals['not_stored']} not stored.",
        *(f"- **{note}**" for note in results.notes),
        "## Conditions",
        *results.conditions,
    ]
    for scenario in dict.fromkeys(key.scenario for key in results.values):
        parts += [f"## {scenario[0].upper()}{scenario[1:]}", ABOUT.get(scenario, ""), _table(results, scenario)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _rows(results: Results) -> str:
    lines = ["| | reach | measured | |", "|---|---|---|---|"]
    for row in ROWS:
        spread = row.find(results)
        told = "not measured" if spread is None else f"{spread}{row.unit}"
        mark = "" if spread is None else "holds" if row.holds(spread) else "**does not hold**"
        lines.append(f"| {row.name} | {row.goal} | {told} | {mark} |")
    return "\n".join(lines)


def _table(results: Results, scenario: str) -> str:
    metrics = results.metrics(scenario)
    lines = [f"| | | {' | '.join(metrics)} |", "|---|---|" + "---|" * len(metrics)]
    for shape, case in results.cases(scenario):
        spreads = (results.get(scenario, shape, case, metric) for metric in metrics)
        lines.append(f"| {shape} | {case} | {' | '.join('' if each is None else str(each) for each in spreads)} |")
    return "\n".join(lines)
