"""What never gets into a log."""

import json

import pytest
import structlog

from shared.logging import configure_logging


@pytest.fixture(params=["console", "json"])
def log_format(request: pytest.FixtureRequest) -> object:
    found: str = request.param
    yield found
    structlog.reset_defaults()
    configure_logging("warning", "console")


def test_a_traceback_shows_no_local_variables(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    configure_logging("info", log_format)
    password = "hunter" + "2"
    try:
        raise ValueError(len(password))
    except ValueError:
        structlog.get_logger("test").exception("failed")
    printed = capsys.readouterr().err
    assert "ValueError" in printed
    assert password not in printed
    if log_format == "json":
        assert json.loads(printed)["level"] == "error"
