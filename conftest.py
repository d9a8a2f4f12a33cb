"""Logs as in production: in particular, tracebacks without local variables."""

from shared.logging import configure_logging

configure_logging("warning", "console")
