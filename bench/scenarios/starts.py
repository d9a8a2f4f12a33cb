"""From the command to the first answer, with an empty folder and with a full one; and memory when nobody is there."""

import time

from bench.measure import resident_bytes
from bench.options import Options
from bench.results import Results
from bench.shapes import stack
from tests.harness.servers import Embedded

STARTS, REST = "starts", "memory at rest"
REST_SECONDS = 10
MIB = 2**20


def run(results: Results, options: Options) -> None:
    """Both shapes."""
    _one_process(results, options)
    _stack(results, options)


def _one_process(results: Results, options: Options) -> None:
    server = Embedded()
    try:
        started = time.perf_counter()
        server.start()
        cold = time.perf_counter() - started
        server.stop()
        started = time.perf_counter()
        server.start()
        results.add(STARTS, "one process, SQLite", "to ready", **{"cold s": cold, "second s": _since(started)})
        _rest(results, options, "one process, SQLite", {"app": [server.process.pid]})
    finally:
        server.close()


def _stack(results: Results, options: Options) -> None:
    with stack(1, gateway=True, count=10) as target:
        assert target.stack is not None
        for name in ("auth_service", "chat_service"):
            target.stack.stop_server(name)
            started = time.perf_counter()
            target.stack.start_server(name)
            results.add(STARTS, name, "to ready", **{"second s": _since(started)})
        running = target.stack
        roots = {
            "auth_service": [running.auth.process.pid],
            "chat_service": [running.chats[0].process.pid],
            "nginx": [running.nginx.process.pid],
            "PostgreSQL": [running.postgres.process.pid],
            "Valkey": [running.valkey.process.pid],
        }
        _rest(results, options, "stack, 1 chat process", roots)


def _rest(results: Results, options: Options, shape: str, roots: dict[str, list[int]]) -> None:
    time.sleep(1 if options.quick else REST_SECONDS)
    for name, pids in roots.items():
        results.add(REST, shape, name, **{"PSS MiB": resident_bytes(pids) / MIB})


def _since(started: float) -> float:
    return time.perf_counter() - started
