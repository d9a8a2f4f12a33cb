"""`python -m tests.faults --seed S --acked N --shape stack|embedded|both`: break the product and look what is lost."""

import argparse
import asyncio
import secrets
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.faults import shape
from tests.faults.campaign import Outcome, Plan, run
from tests.faults.controls import CONTROLS, Caught, Control, run_controls
from tests.faults.report import Campaign, as_markdown, as_text
from tests.faults.rows import Row, rows_for
from tests.harness.servers import CHECKOUT, Embedded, Stack

REPORT = CHECKOUT / "docs" / "reliability.md"
SHARES = {"stack": 0.6, "embedded": 0.4}  # of what is asked for, when both run


def main() -> int:
    """0 if nothing was violated and every control was caught."""
    options = _options()
    plan = Plan(options.seed, options.acked, options.crashes, options.seconds, options.people)
    names = list(SHARES) if options.shape == "both" else [options.shape]
    campaign = Campaign(options.seed, f"python -m tests.faults {' '.join(sys.argv[1:])}", [], [])
    print(f"seed {options.seed}", flush=True)
    for name in names:
        share = SHARES[name] if len(names) > 1 else 1.0
        outcome, caught = run_shape(name, _part(plan, share), controls=CONTROLS if options.controls else ())
        campaign.outcomes.append(outcome)
        campaign.caught += caught
    print(as_text(campaign))
    if options.report:
        Path(REPORT).write_text(as_markdown(campaign))
    return 0 if campaign.is_good else 1


def run_shape(
    name: str,
    plan: Plan,
    *,
    controls: Sequence[Control],
    chat_processes: int = shape.CHAT_PROCESSES,
    rows: Sequence[Row] | None = None,
) -> tuple[Outcome, list[Caught]]:
    """One shape of the product: the run (all rows by default), then the controls on the same servers."""
    site: Stack | Embedded = shape.make_stack(chat_processes) if name == "stack" else shape.make_embedded()
    with site:
        outcome = asyncio.run(run(site, plan, rows or rows_for(site), _tell))
        caught = run_controls(site, plan, _tell, controls)
        shape.kill_services(site)  # what they are now need not end politely
    return outcome, caught


def _part(plan: Plan, share: float) -> Plan:
    return replace(plan, acked=int(plan.acked * share), crashes=int(plan.crashes * share), seconds=plan.seconds * share)


def _tell(line: str) -> None:
    print(line, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31), help="of the faults and of the writing")
    parser.add_argument("--acked", type=int, default=10_000, help="go on until so many messages were acked")
    parser.add_argument("--crashes", type=int, default=0, help="and until so many crashes were injected")
    parser.add_argument("--seconds", type=float, default=3600, help="but for no longer than this")
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--shape", choices=("stack", "embedded", "both"), default="both")
    parser.add_argument("--no-controls", dest="controls", action="store_false", help="leave the broken variants out")
    parser.add_argument("--report", action="store_true", help=f"write {REPORT.relative_to(CHECKOUT)}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
