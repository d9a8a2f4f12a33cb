"""Structured logs: lines for people on a console, JSON in the stack. Never a secret in either."""

import json
import logging
import sys
from datetime import UTC, datetime

import structlog
from structlog.dev import plain_traceback
from structlog.tracebacks import ExceptionDictTransformer


class Lines(structlog.WriteLogger):
    """Writes our own lines. The standard library's loggers would look for the caller of each, and lock twice."""

    def __init__(self, name: str) -> None:
        super().__init__(sys.stderr)
        self.name = name


LINE = json.JSONEncoder(ensure_ascii=False, default=repr)
# Tracebacks without local variables: those are people's messages, passwords and tokens.
render_exception = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))


def json_line(logger: Lines, level: str, event: structlog.typing.EventDict) -> str:
    """One of our own lines, by one function: a chain of processors does the same in a hundred steps."""
    line = structlog.contextvars.merge_contextvars(logger, level, event)
    line["level"], line["logger"] = level, logger.name
    line["timestamp"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    if "exc_info" in line:
        line = render_exception(logger, level, line)
    return LINE.encode(line)


def configure_logging(level: str, fmt: str) -> None:
    """Let our own lines and those of the libraries (uvicorn, alembic) look alike."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[structlog.typing.Processor] = (
        [
            render_exception,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
        if fmt == "json"
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain_traceback)]
    )
    structlog.configure(
        processors=[json_line] if fmt == "json" else [*shared, *renderer],
        logger_factory=Lines,
        wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
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
