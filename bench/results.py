"""The figures of all runs, by scenario, shape, case and metric."""

import json
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Key(NamedTuple):
    """What a figure is of."""

    scenario: str
    shape: str
    case: str
    metric: str


@dataclass(frozen=True)
class Spread:
    """The median of some runs, and the range."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def __str__(self) -> str:
        if len(self.values) == 1:
            return number(self.median)
        return f"{number(self.median)} ({number(min(self.values))} … {number(max(self.values))})"


@dataclass
class Results:
    """One value a run for each key."""

    values: dict[Key, list[float]] = field(default_factory=lambda: defaultdict(list))
    notes: list[str] = field(default_factory=list)
    """What went wrong: a lost message is worth more than any figure."""
    totals: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """How many messages were acked and checked in all scenarios together."""
    conditions: list[str] = field(default_factory=list)
    """What each run ran under."""

    def add(self, scenario: str, shape: str, case: str, **metrics: float) -> None:
        """Take the figures of one run, and show them."""
        for metric, value in metrics.items():
            self.values[Key(scenario, shape, case, metric)].append(value)
        told = ", ".join(f"{metric} {number(value)}" for metric, value in metrics.items())
        print(f"{scenario} | {shape} | {case}: {told}", flush=True)

    def count(self, **checked: int) -> None:
        """Add to the totals."""
        for name, value in checked.items():
            self.totals[name] += value

    def get(self, scenario: str, shape: str, case: str, metric: str) -> Spread | None:
        """What was measured, if it was."""
        values = self.values.get(Key(scenario, shape, case, metric))
        return Spread(tuple(values)) if values else None

    def ratio(self, one: Key, other: Key) -> Spread | None:
        """The quotient in each run."""
        above, below = self.values.get(one), self.values.get(other)
        if not above or not below:
            return None
        return Spread(tuple(a / b for a, b in zip(above, below, strict=False) if b))

    def cases(self, scenario: str) -> list[tuple[str, str]]:
        """Shapes and cases of a scenario, in the order in which they came."""
        return list(dict.fromkeys((key.shape, key.case) for key in self.values if key.scenario == scenario))

    def metrics(self, scenario: str) -> list[str]:
        """Its metrics, in the order in which they came."""
        return list(dict.fromkeys(key.metric for key in self.values if key.scenario == scenario))

    def save(self, path: Path) -> None:
        """Keep them for another day."""
        rows = [[*key, values] for key, values in self.values.items()]
        kept = {"rows": rows, "notes": self.notes, "totals": self.totals, "conditions": self.conditions}
        path.write_text(json.dumps(kept, ensure_ascii=False, indent=1))

    @classmethod
    def load(cls, path: Path) -> "Results":
        """What was kept."""
        kept, results = json.loads(path.read_text()), cls()
        for scenario, shape, case, metric, values in kept["rows"]:
            results.values[Key(scenario, shape, case, metric)] = values
        results.notes = kept["notes"]
        results.totals.update(kept["totals"])
        results.conditions = kept["conditions"]
        return results


def number(value: float) -> str:
    """Three figures that count."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.1 else f"{value:.3f}"


def percentile(values: list[float], percent: float) -> float:
    """The value below which this share lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else float("nan")
