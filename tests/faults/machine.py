"""What a run ran on: figures mean nothing without it."""

import os
import platform
import sqlite3
from pathlib import Path

from tests.harness.nginx import find_nginx
from tests.harness.postgres import find_system_binaries, find_wheel_binaries
from tests.harness.processes import HarnessError, run
from tests.harness.servers import CHECKOUT
from tests.harness.valkey import find_valkey


def machine() -> str:
    """Processor, memory and system in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kernel = f"{platform.system()} {platform.release()}"
    return f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {kernel}"


def versions() -> str:
    """The servers' versions."""
    postgres = find_system_binaries() or find_wheel_binaries()
    valkey = find_valkey()
    told = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    if postgres is not None:
        told.append(_first_line(postgres / "postgres", "--version").replace("postgres (PostgreSQL)", "PostgreSQL"))
    if valkey is not None:
        told.append(" ".join(_first_line(Path(valkey), "--version").split()[:3]))
    told.append(_first_line(find_nginx(), "-v").removeprefix("nginx version: "))
    return ", ".join(told)


def commit() -> str:
    """The commit that was checked out, and whether the product's code differed from it."""
    try:
        name = run(["git", "-C", CHECKOUT, "rev-parse", "--short", "HEAD"]).strip()
        product = ("shared", "auth_service", "chat_service", "gateway")
        changed = run(["git", "-C", CHECKOUT, "status", "--porcelain", "--", *product]).strip()
    except HarnessError:
        return "unknown"
    return f"{name}, with changes that are not committed" if changed else name


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _first_line(program: Path, option: str) -> str:
    return run([program, option]).splitlines()[0].strip()
