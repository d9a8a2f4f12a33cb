"""The schedule: a seed says all, and no row is forgotten."""

from collections import Counter
from itertools import islice
from random import Random

import pytest

from tests.faults.nemesis import deal
from tests.faults.rows import EMBEDDED_ROWS, STACK_ROWS, Row


@pytest.mark.parametrize("rows", [STACK_ROWS, EMBEDDED_ROWS])
def test_every_row_comes_as_often_as_its_weight(rows: tuple[Row, ...]) -> None:
    size = sum(row.weight for row in rows)
    dealt = Counter(row.name for row in islice(deal(rows, Random(1)), 3 * size))
    assert dealt == {row.name: 3 * row.weight for row in rows}


def test_a_seed_gives_the_same_schedule() -> None:
    one, same, other = (list(islice(deal(STACK_ROWS, Random(seed)), 50)) for seed in (1, 1, 2))
    assert one == same
    assert one != other
