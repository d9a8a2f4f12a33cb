"""A Valkey (or Redis) server of one's own, without persistence."""

import shutil
import socket
from pathlib import Path

from tests.harness.processes import LOOPBACK, HarnessError, ManagedProcess, Server, free_port


def find_valkey() -> str | None:
    """The installed server, Valkey first."""
    return shutil.which("valkey-server") or shutil.which("redis-server")


class Valkey(Server):
    """A server that forgets everything when it stops."""

    def __init__(self, folder: Path) -> None:
        binary = find_valkey()
        if binary is None:
            raise HarnessError("Valkey is missing: install Debian's `valkey-server` or `redis-server`")
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        options = {"port": self.port, "bind": LOOPBACK, "dir": folder, "save": "", "appendonly": "no"}
        self.process = ManagedProcess(
            "valkey",
            [binary, *(part for name, value in options.items() for part in (f"--{name}", str(value)))],
            log=folder / "valkey.log",
        )

    @property
    def url(self) -> str:
        """The URL of its first database."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        self.process.start()
        self.process.wait_until(self._is_ready, "its first answer")

    def _is_ready(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
