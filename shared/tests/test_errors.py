"""What of an error a client may see."""

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from shared.errors import as_problem, from_validation_error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OperationalError("SELECT secret", {}, Exception("password=hunter2")), 503, "unavailable"),
        (PoolTimeoutError(), 503, "unavailable"),
        (ConnectionRefusedError(), 503, "unavailable"),
        (IntegrityError("INSERT secret", {}, Exception("x")), 500, "internal_error"),
        (ValueError("hunter2"), 500, "internal_error"),
        (HTTPException(404), 404, "not_found"),
        (HTTPException(400), 422, "invalid"),
        (HTTPException(413), 413, "too_large"),
        (HTTPException(405, headers={"Allow": "GET"}), 405, "method_not_allowed"),
    ],
)
def test_every_exception_becomes_a_problem(error: Exception, status: int, code: str) -> None:
    problem = as_problem(error)
    assert (problem.status, problem.code) == (status, code)
    assert "hunter2" not in str(problem.body())
    assert "SELECT" not in str(problem.body())


def test_an_outage_says_when_to_come_back() -> None:
    assert as_problem(ConnectionResetError()).headers() == {"Retry-After": "2"}


def test_a_validation_error_never_echoes_the_input() -> None:
    found = {"loc": ("body", "password"), "msg": "too short \ud800", "type": "x", "input": "hunter2", "ctx": {"a": 1}}
    body = from_validation_error([found]).body()
    assert body["errors"] == [{"loc": ["body", "password"], "msg": "too short ?", "type": "x"}]
