"""Structured logs: lines for people on a console, JSON in the stack. Never a secret in either."""

import json
import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from typing import Any, TextIO

import structlog
from structlog.dev import plain_traceback
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor

LEVELS = ("debug", "info", "warning", "error")
LINE = json.JSONEncoder(ensure_ascii=False, default=repr)
# Tracebacks without local variables: those are people's messages, passwords and tokens.
render_exception = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
_context: ContextVar[Mapping[str, Any]] = ContextVar("log_context")


def bind(**fields: object) -> None:
    """Say this in every line from here on: in this task, or request, or socket."""
    _context.set({**_context.get({}), **fields})


def add_context(_logger: object, _level: str, event: EventDict) -> EventDict:
    """What was bound, for lines that go through structlog's processors."""
    return {**_context.get({}), **event}


class Lines(structlog.WriteLogger):
    """Writes our own lines. The standard library's loggers would look for the caller of each, and lock twice."""

    def __init__(self, name: str) -> None:
        super().__init__(sys.stderr)
        self.name = name


class JsonLogger:
    """Writes our own lines as JSON, by one function: a chain of processors does the same in a hundred steps."""

    def __init__(self, name: str, *, stream: TextIO, least: str, **_of_structlog: object) -> None:
        self._name, self._stream = name, stream
        for level in LEVELS:
            is_said = LEVELS.index(level) >= LEVELS.index(least)
            setattr(self, level, partial(self._write, level) if is_said else _say_nothing)
        self.exception = partial(self._write, "error", exc_info=True)

    def _write(self, level: str, event: str, **fields: object) -> None:
        time = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        line: dict[str, Any] = {**_context.get({}), **fields, "event": event}
        line |= {"level": level, "logger": self._name, "timestamp": time}
        if "exc_info" in line:
            line = dict(render_exception(None, level, line))
        self._stream.write(LINE.encode(line) + "\n")


def _say_nothing(_event: str, **_fields: object) -> None:
    pass


def configure_logging(level: str, fmt: str) -> None:
    """Let our own lines and those of the libraries (uvicorn, alembic) look alike."""
    shared: list[Processor] = [
        add_context,
        structlog.processors.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Processor]
    if fmt == "json":
        renderer = [render_exception, structlog.processors.JSONRenderer(ensure_ascii=False)]
        wrapper = partial(JsonLogger, stream=sys.stderr, least=level)
        structlog.configure(wrapper_class=wrapper, logger_factory=str, cache_logger_on_first_use=True)  # type: ignore[arg-type]  # it is only called
    else:
        renderer = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain_traceback)]
        structlog.configure(
            processors=[*shared, *renderer],
            wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
            logger_factory=Lines,
            cache_logger_on_first_use=True,
        )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger("alembic").setLevel("WARNING" if level != "debug" else "DEBUG")
