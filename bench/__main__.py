"""`python -m bench`: start the product and two yardsticks for real, measure, and write docs/performance.md."""

import argparse
import itertools
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench import report
from bench.options import Options
from bench.results import Results
from bench.scenarios import (
    controls,
    files,
    history,
    idle,
    latency,
    open_loop,
    send,
    signing_in,
    starts,
    storm,
    switching,
)
from tests.harness.servers import CHECKOUT

SCENARIOS: dict[str, Callable[[Results, Options], None]] = {
    "controls": controls.run,
    "send": send.run,
    "latency": latency.run,
    "open": open_loop.run,
    "history": history.run,
    "idle": idle.run,
    "storm": storm.run,
    "auth": signing_in.run,
    "files": files.run,
    "starts": starts.run,
    "switching": switching.run,
}
PAGE = CHECKOUT / "docs" / "performance.md"


def main() -> None:
    """Measure what was asked for. The status is 1 if a message was lost or doubled, or came twice."""
    given = _arguments()
    options = Options(runs=given.runs, quick=given.quick, pin=not given.no_pin)
    results, conditions = Results.load(given.also) if given.also else Results(), report.Conditions(options)
    # All of it, then all of it again: a virtual machine's good and bad quarters of an hour fall on everything.
    for number, name in itertools.product(range(given.runs), given.only.split(",") if given.only else SCENARIOS):
        print(f"— {name}, run {number + 1}", flush=True)
        started = time.perf_counter()
        SCENARIOS[name](results, replace(options, number=number))
        conditions.took(name, time.perf_counter() - started)
        if given.json:  # it takes an hour: what is measured is kept, whatever becomes of the rest
            results.save(given.json)
    results.conditions.append(conditions.told())
    if given.json:
        results.save(given.json)
    page = report.page(results, is_quick=given.quick)
    print(page)
    if given.report:
        PAGE.write_text(page)
    sys.exit(1 if results.notes else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", default="", help=f"some of {','.join(SCENARIOS)}")
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured (3)")
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that all of it works")
    parser.add_argument("--no-pin", action="store_true", help="leave client and application to the scheduler")
    parser.add_argument("--report", action="store_true", help=f"write {PAGE.relative_to(CHECKOUT)}")
    parser.add_argument("--also", type=Path, help="put the figures of this file on the page too: `--json` kept them")
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
