"""The figures of a campaign, for the terminal and for docs/reliability.md."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from tests.faults import machine
from tests.faults.campaign import Outcome
from tests.faults.checker import summary
from tests.faults.controls import CONTROLS, Caught

RULE_OF_THREE = 3  # with 0 of N seen, the rate is below 3/N at 95 %
CHECKED = (
    "acked ⊆ stored ⊆ sent, with the text that was written",
    "one id for each `client_id`, one `client_id` for each id; a `client_id` that is sent again, also over the other "
    "transport and another process, gives the same id",
    "each device's log, put together event by event over all its reconnects, equals a fresh sync from 0: the same "
    "`seq`, type and message, and the same state of every message; the history endpoint shows that state too",
    "`seq` is 1, 2, 3 … without gaps, and nobody is told to start over",
    "one order in a conversation for both people, ascending in id; a sender's messages in the order sent",
    "nobody gets a message of two other people",
    "the unread counts equal a count of the history; marks that were acked do not go back; edits and deletions that "
    "were acked are kept",
    "nothing is answered with another 5xx than 503; every sender comes to an end, and every device has everything "
    "at most 15 s after the last one stopped",
)


@dataclass
class Campaign:
    """Everything that one call of the program has run."""

    seed: int
    command: str
    outcomes: list[Outcome]
    caught: list[Caught]

    @property
    def acked(self) -> int:
        return sum(outcome.acked for outcome in self.outcomes)

    @property
    def crashes(self) -> int:
        return sum(outcome.crashes for outcome in self.outcomes)

    @property
    def violations(self) -> int:
        return sum(len(outcome.violations) for outcome in self.outcomes)

    @property
    def missed(self) -> list[str]:
        """Controls that stayed green: the harness is blind for them."""
        return [f"{each.control.name} on {each.shape}" for each in self.caught if not each.found]

    @property
    def is_good(self) -> bool:
        """No violation, and every control was caught."""
        return not self.violations and not self.missed


def bound(count: int) -> str:
    """The 95 % bound when nothing was found in `count` trials."""
    return f"< {RULE_OF_THREE / count:.2g}" if count else "-"


def as_text(campaign: Campaign) -> str:
    """For the terminal."""
    lines = [f"seed {campaign.seed}"]
    for outcome in campaign.outcomes:
        lines.append(
            f"\n{outcome.shape}: {outcome.acked} acked in {outcome.traffic_seconds:.0f} s, {outcome.crashes} crashes, "
            f"{outcome.retried} attempts without an answer"
        )
        lines += [f"  {row:40} {count:4}  {_spread(outcome.recoveries.get(row))}" for row, count in _rows(outcome)]
        lines.append(f"  answers: {outcome.statuses}")
        lines.append(f"  twice {outcome.dropped}, gaps {outcome.gaps}, healed by heartbeat {outcome.healed}")
        lines.append(summary(outcome.violations))
    lines += [f"control {c.control.name} on {c.shape}: {c.found} x {c.control.expected}" for c in campaign.caught]
    lines.append(
        f"\nN = {campaign.acked} acked, violations {campaign.violations}, at 95 % {bound(campaign.acked)} of messages; "
        f"{campaign.crashes} crashes, at 95 % {bound(campaign.crashes)} of crashes"
    )
    lines += [f"NOT CAUGHT: {name}" for name in campaign.missed]
    return "\n".join(lines)


def as_markdown(campaign: Campaign) -> str:
    """docs/reliability.md, whole."""
    parts = [
        "# Reliability",
        "Written by `python -m tests.faults --report`; do not edit. People with two devices each write to each other "
        "on real processes while a seeded schedule breaks things. Afterwards a checker that knows only what clients "
        "saw compares it with what is stored.",
        _result(campaign),
        "\n".join(_facts(campaign)),
        "## What is checked",
        "\n".join(f"- {line}" for line in CHECKED),
        "## Faults and recovery",
        "Recovery is from the moment when the fault was healed (the process answers again, the network is whole) until "
        "every device of everybody is back with everything it missed, and something new was acked. A quarter of the "
        "faults is followed by the next one without waiting for that. *crash* = the process ends by SIGKILL "
        "(PostgreSQL also by its immediate shutdown), in the middle of the traffic.",
        *(_shape(outcome) for outcome in campaign.outcomes),
        "## Controls",
        "Broken variants of the product, each with one promise taken out (`tests/faults/controls/`). A run that stays "
        "green on one of them would show that the harness is blind.",
        _controls(campaign.caught),
        "## What this does not show",
        "- Power cuts and lying disks: SIGKILL leaves the page cache to the kernel. `fsync` is on in all runs, and "
        "SQLite is at `synchronous=FULL`, but the disk itself was not cut off.\n"
        "- More than one machine, a failover of PostgreSQL, a clock that jumps, a full disk.\n"
        "- Files: every message here is text.\n"
        "- The rates are of this mix of faults, which is far denser than any operator's day.",
    ]
    return "\n\n".join(parts) + "\n"


def _result(campaign: Campaign) -> str:
    n, crashes = campaign.acked, campaign.crashes
    found = [violation for outcome in campaign.outcomes for violation in outcome.violations]
    slow = [violation for violation in found if violation.kind == "stop"]  # of a process, not of a message
    text = f"**{len(found) - len(slow)} messages or answers wrong in {n:,} acked and {crashes} injected crashes.**"
    if len(found) == len(slow):
        text += (
            f" With none found, the rate is at 95 % confidence below 3/N (the rule of three): {bound(n)} of messages, "
            f"{bound(crashes)} of crashes."
        )
    return f"{text}\n\nBut this was found:\n\n```\n{summary(found)}\n```" if found else text


def _facts(campaign: Campaign) -> Iterable[str]:
    people = " and ".join(f"{outcome.plan.people} ({outcome.shape})" for outcome in campaign.outcomes)
    seconds = sum(outcome.traffic_seconds for outcome in campaign.outcomes)
    yield "| | |\n|---|---|"
    yield f"| command | `{campaign.command}` |"
    yield f"| seed | {campaign.seed} |"
    yield f"| when, commit | {datetime.now(UTC):%Y-%m-%d}, {machine.commit()} |"
    yield f"| machine | {machine.machine()}; servers, clients and the proxy between them share it |"
    yield f"| versions | {machine.versions()} |"
    yield f"| people | {people}, each with 2 devices and 2 conversations |"
    rate = campaign.acked / max(seconds, 1)
    yield f"| traffic | {seconds / 60:.1f} minutes, {rate:.0f} acked messages/s on average, faults included |"


def _shape(outcome: Outcome) -> str:
    title = {
        "stack": "nginx, 3 x chat_service, auth_service, PostgreSQL, Valkey",
        "embedded": "one process on SQLite",
    }[outcome.shape]
    head = (
        f"### {outcome.shape}: {title}\n\n{outcome.acked:,} acked in {outcome.traffic_seconds / 60:.1f} minutes, "
        f"{sum(outcome.faults.values())} faults, {outcome.crashes} of them crashes; {outcome.retried:,} attempts had "
        f"no answer and were made again with the same `client_id`, {outcome.doubled:,} requests went over both "
        f"transports at once or were repeated after their ack; {len(outcome.violations)} violations.\n\n"
        "| fault | times | recovery in s: median | longest |\n|---|---:|---:|---:|\n"
    )
    return head + "\n".join(
        f"| {row} | {count} | {_cells(outcome.recoveries.get(row))} |" for row, count in _rows(outcome)
    )


def _controls(caught: Sequence[Caught]) -> str:
    lines = ["| variant | where | acked | found | verdict |", "|---|---|---:|---|---|"]
    for each in caught:
        found = f"{each.found} x {each.control.expected}"
        verdict = "caught" if each.found else "**not caught**"
        lines.append(f"| {each.control.name} | {each.shape} | {each.outcome.acked} | {found} | {verdict} |")
    if not caught:
        lines.append(f"| not run ({len(CONTROLS)} exist) | | | | |")
    return "\n".join(lines)


def _rows(outcome: Outcome) -> list[tuple[str, int]]:
    return sorted(outcome.faults.items())


def _spread(seconds: Sequence[float] | None) -> str:
    return f"recovery {median(seconds):.1f} s, longest {max(seconds):.1f} s" if seconds else ""


def _cells(seconds: Sequence[float] | None) -> str:
    return f"{median(seconds):.1f} | {max(seconds):.1f}" if seconds else "– | –"
