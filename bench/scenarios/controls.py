"""Whether the load generator sees what it is there to see: apps that lose and double on purpose."""

import asyncio
from dataclasses import replace

import uvloop

from bench.load import judge
from bench.options import Options
from bench.results import Results
from bench.scenarios.send import drive
from bench.shapes import ceiling

SCENARIO = "controls"
PAIRS = 4


def run(results: Results, options: Options) -> None:
    """One run of each; that nothing is found is noted as a failure of the whole run."""
    brief = replace(options, quick=True)
    for fault, name in (("lose", "lost"), ("double", "doubled")):
        with ceiling(fault=fault) as target:
            talk = uvloop.run(drive(target, PAIRS, brief))
            verdict = asyncio.run(judge(talk.pairs, target))
        found = int(getattr(verdict, name))
        if not found:
            results.notes.append(f"{SCENARIO}: an app that was told to {fault} was not found out")
        results.add(SCENARIO, f"told to {fault}", f"{PAIRS} pairs", acked=verdict.acked, found=found)
