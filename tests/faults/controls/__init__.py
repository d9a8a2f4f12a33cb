"""Broken variants that the harness must catch. Each module runs the product with one promise taken out.

The product has no switch for this: a module here patches it in its own process, then serves as usual. A run that
stays green on one of them shows that the harness is blind, and fails it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tests.faults import rows, shape
from tests.faults.campaign import Outcome, Plan, run
from tests.faults.rows import Row
from tests.harness.servers import Embedded, Stack


@dataclass(frozen=True)
class Control:
    """A broken variant, the fault that brings it to light, and the violation that has to be found."""

    name: str
    module: str
    row: Row
    crashes: int
    acked: int
    expected: str
    only_stack: bool = False


CONTROLS = (
    Control(
        "`ok` before COMMIT",
        "tests.faults.controls.ack_before_commit",
        Row("chat: kill -9 of all", rows.kill_all_chats, is_crash=True),
        crashes=2,
        acked=40,
        expected="lost",
    ),
    Control(
        "no resubscribe after the bus broke, no check of heads",
        "tests.faults.controls.no_resubscribe",
        Row("Valkey: kill -9", rows.kill_valkey, is_crash=True),
        crashes=1,
        acked=150,
        expected="stuck",
        only_stack=True,
    ),
    Control(
        "no look for the `client_id`, no unique index",
        "tests.faults.controls.no_dedupe",
        Row("clients: answer cut off", rows.lose_answers),
        crashes=0,
        acked=60,
        expected="duplicate",
        only_stack=True,
    ),
)


@dataclass(frozen=True)
class Caught:
    """What became of a control."""

    control: Control
    shape: str
    outcome: Outcome

    @property
    def found(self) -> int:
        """How many violations of the kind that was expected."""
        return sum(violation.kind == self.control.expected for violation in self.outcome.violations)


def run_controls(
    site: Stack | Embedded, plan: Plan, tell: Callable[[str], None], controls: Sequence[Control] = CONTROLS
) -> list[Caught]:
    """Run those controls that fit this shape; the site's chat processes are not the product afterwards."""
    caught = []
    for number, control in enumerate(controls):
        if control.only_stack and isinstance(site, Embedded):
            continue
        shape.run_instead(site, control.module)
        own = replace(
            plan,
            seed=plan.seed + 1_000 + number,
            acked=control.acked,
            crashes=control.crashes,
            seconds=20,
            people=6,
            settle_seconds=6,
            keeps_history=False,
        )
        outcome = asyncio.run(run(site, own, [control.row], lambda _: None))
        caught.append(Caught(control, outcome.shape, outcome))
        tell(f"control {control.name!r} on {outcome.shape}: {caught[-1].found} x {control.expected}")
    return caught
