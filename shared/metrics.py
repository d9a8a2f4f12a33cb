"""Prometheus metrics, served on `/metrics` of each service and never through the gateway."""

import functools

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response

REQUESTS = Histogram(
    "http_request_seconds",
    "Time to answer a request",
    ["method", "route", "status"],
    buckets=(0.005, 0.02, 0.1, 0.5, 2),
)
SOCKETS = Gauge("open_sockets", "Open sockets in this process")
COMMANDS = Counter("journal_commands_total", "Commands that the journal committed or refused", ["outcome"])
BATCHES = Counter("journal_batches_total", "Transactions of the journal")

_committed, _refused = COMMANDS.labels("ok"), COMMANDS.labels("refused")
_requests = functools.cache(REQUESTS.labels)  # as few as there are labels


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request. `route` is the template, never the path: labels must stay few."""
    if method != "WEBSOCKET":  # a socket lasts for hours
        _requests(method, route, str(status)).observe(seconds)


def observe_batch(commands: int, *, refused: int) -> None:
    """Count what one transaction of the journal did."""
    BATCHES.inc()
    _committed.inc(commands - refused)
    if refused:
        _refused.inc(refused)


async def metrics_endpoint(_: Request) -> Response:
    """The metrics in Prometheus's text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
