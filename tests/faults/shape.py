"""The product under test in one of its two shapes, and what can be done to its processes."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from tests.harness.processes import ManagedProcess, wait_until
from tests.harness.servers import Embedded, PythonService, Stack

# A run takes longer than an access token's usual life, and nobody here is to be slowed down on purpose.
SETTINGS = {"RATE_LIMITS": "off", "ACCESS_TOKEN_SECONDS": "14400", "LOG_LEVEL": "warning"}
CHAT_PROCESSES = 3


def make_stack(chat_processes: int = CHAT_PROCESSES) -> Stack:
    """nginx, auth_service, chat_service, PostgreSQL with fsync on, Valkey."""
    return Stack(chat_processes=chat_processes, env=SETTINGS)


def make_embedded() -> Embedded:
    """One process on SQLite."""
    return Embedded(env=SETTINGS)


def gateway_port(site: Stack | Embedded) -> int:
    """Where clients connect; the proxy stands in front of it."""
    return site.nginx.port if isinstance(site, Stack) else site.service.port


def services(site: Stack | Embedded) -> list[PythonService]:
    """The processes that run chat_service."""
    return site.chats if isinstance(site, Stack) else [site.service]


def run_instead(site: Stack | Embedded, module: str) -> None:
    """From now on the chat processes run this module: on the same ports, data and settings."""
    kill_services(site)  # nothing that is told now counts any more
    for service in services(site):
        log = site.folder / f"{module}-{service.port}.log"
        command: list[str | Path] = [sys.executable, "-m", module]
        service.process = ManagedProcess(module, command, log=log, env=service.env, cwd=site.folder)
    for service in services(site):
        service.process.start()  # all at once; each is waited for below
    for service in services(site):
        service.start()


def kill_services(site: Stack | Embedded) -> None:
    """End the chat processes at once."""
    for service in services(site):
        service.kill()


def family(process: ManagedProcess) -> list[int]:
    """A process's children, and theirs."""
    found: list[int] = []
    queue = [process.pid]
    while queue:
        pid = queue.pop()
        with suppress(OSError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            queue += map(int, children)
            found += map(int, children)
    return found


def kill_family(process: ManagedProcess) -> None:
    """kill -9 of a process and of all children, which may have groups of their own (PostgreSQL's do)."""
    children = family(process)
    process.kill()
    send(children, signal.SIGKILL)
    wait_until(lambda: not any(is_alive(pid) for pid in children), "the children to end")


def send(pids: list[int], number: signal.Signals) -> None:
    """Signal those that still run."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def is_alive(pid: int) -> bool:
    """Whether it runs; one that ended and was not fetched by its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
