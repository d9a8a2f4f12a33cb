"""What gets into a log, and what never does."""

import contextvars
import json
import logging

import pytest
import structlog

from shared.logging import bind, configure_logging


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


def _say(text: str) -> None:
    structlog.get_logger("ours").info(text, field=1)
    structlog.get_logger("ours").debug("hidden")
    logging.getLogger("theirs").warning(text)
    logging.getLogger("theirs").debug("hidden")


def test_lines_of_ours_and_of_libraries_look_alike_and_say_what_was_bound(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    structlog.reset_defaults()
    configure_logging("info", log_format)

    def request() -> None:
        bind(request_id="r1")
        bind(user_id=7)
        _say("рядок")

    contextvars.Context().run(request)
    contextvars.Context().run(_say, "later")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert [("r1" in line, "рядок" in line) for line in lines] == [(True, True)] * 2 + [(False, False)] * 2
    if log_format == "json":
        ours, theirs = json.loads(lines[0]), json.loads(lines[1])
        assert (
            ours.keys() - {"field"}
            == theirs.keys()
            == {"request_id", "user_id", "event", "level", "logger", "timestamp"}
        )
        assert (ours["request_id"], ours["user_id"], ours["field"], ours["logger"]) == ("r1", 7, 1, "ours")
        assert (ours["level"], theirs["level"]) == ("info", "warning")
