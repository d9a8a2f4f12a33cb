"""The short version: both shapes and all controls. `python -m tests.faults` is the long one."""

import pytest

from tests.faults import rows
from tests.faults.__main__ import run_shape
from tests.faults.campaign import Plan
from tests.faults.checker import summary
from tests.faults.controls import CONTROLS
from tests.faults.rows import Row

SEED = 20_261_123
ROWS = {
    "embedded": [Row("kill -9", rows.kill_chat, is_crash=True), Row("answers", rows.lose_answers)],
    "stack": [
        Row("chat: kill -9", rows.kill_chat, is_crash=True),
        Row("chat: rolling restart", rows.roll_chats),
        Row("Valkey: kill -9", rows.kill_valkey, is_crash=True),
        Row("PostgreSQL: kill -9", rows.kill_postgres, is_crash=True),
        Row("clients: RST", rows.reset_clients),
        Row("clients: answer cut off", rows.lose_answers),
    ],
}
# Each control once; the long version runs the first one on the stack too.
CONTROLS_FOR = {"embedded": CONTROLS[:1], "stack": CONTROLS[1:]}


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("embedded", Plan(SEED, acked=100, crashes=2, seconds=6, people=6)),
        ("stack", Plan(SEED, acked=200, crashes=3, seconds=12, people=8)),
    ],
)
def test_faults(name: str, plan: Plan) -> None:
    outcome, caught = run_shape(name, plan, controls=CONTROLS_FOR[name], chat_processes=2, rows=ROWS[name])
    assert not outcome.violations, summary(outcome.violations)
    assert outcome.acked > 0
    assert caught
    for each in caught:
        assert each.found, f"{each.control.name} was not caught: the harness is blind for {each.control.expected}"
