"""Subprocesses with a log file, and waiting for a condition instead of for a time."""

import atexit
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.02
LOG_TAIL_LINES = 30
PORTS = range(10_000, 32_000)
"""Below those that systems take for outgoing connections (from 32,768 on Linux, 49,152 on macOS)."""


class HarnessError(RuntimeError):
    """Something that tests need is missing or does not start; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """An operating system user to run a process as."""

    uid: int
    gid: int


class ManagedProcess:
    """One subprocess in a process group of its own. It can be started again after it has ended."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        account: Account | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self._command = [str(part) for part in command]
        self._log = log
        self._env = dict(env) if env is not None else None
        self._cwd = cwd
        self._account = account
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended since."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id of the present run."""
        if self._process is None:
            raise HarnessError(f"{self.name} was not started")
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How the last run ended, `None` while it runs."""
        return self._process.poll() if self._process is not None else None

    def log(self) -> str:
        """Everything that its runs have printed so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.is_running:
            return
        account = self._account
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        atexit.register(self.kill)

    def stop(self, seconds: float = 15) -> None:
        """End it cleanly; one that takes longer is killed, and that is an error."""
        if self.is_running and self._process is not None:
            self.signal(self._stop_signal)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise HarnessError(f"{self.name} did not stop within {seconds:g} s\n{self._tail()}") from None
        atexit.unregister(self.kill)

    def kill(self) -> None:
        """End it at once, and its children with it, as a crash would."""
        if self.is_running and self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        atexit.unregister(self.kill)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, to pause and continue it for example."""
        os.kill(self.pid, number)

    def wait_until(self, condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
        """Wait until it is ready; that it ends meanwhile is an error, told with the end of its log."""

        def ended_or_met() -> bool:
            return not self.is_running or condition()

        try:
            wait_until(ended_or_met, what, seconds)
        except HarnessError as error:
            raise HarnessError(f"{self.name}: {error}\n{self._tail()}") from None
        if not self.is_running:
            raise HarnessError(f"{self.name} ended with status {self.returncode}\n{self._tail()}")

    def _tail(self) -> str:
        return "\n".join(self.log().splitlines()[-LOG_TAIL_LINES:])


class Server(ABC):
    """What a process serves. As a context manager it runs inside the block."""

    process: ManagedProcess

    @abstractmethod
    def start(self) -> None:
        """Start it, unless it runs, and wait until it answers."""

    def stop(self) -> None:
        """Stop it cleanly."""
        self.process.stop()

    def kill(self) -> None:
        """Make it crash."""
        self.process.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Return as soon as `condition()` is true; after `seconds`, raise and say what was waited for."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise HarnessError(f"waited {seconds:g} s for {what}")
        time.sleep(POLL_SECONDS)


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    account: Account | None = None,
) -> str:
    """Run a command to its end and return its output; a failure is an error that shows it."""
    result = subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=env,
        cwd=cwd,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if result.returncode != 0:
        raise HarnessError(f"{' '.join(map(str, command))} failed with status {result.returncode}\n{result.stdout}")
    return result.stdout


def free_port() -> int:
    """A port that nobody listens on now, and that no outgoing connection is given before somebody does."""
    while True:
        port = PORTS.start + secrets.randbelow(len(PORTS))
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


def accepts_connections(port: int) -> bool:
    """Whether somebody listens on the port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False


def answers(url: str) -> bool:
    """Whether a GET of the URL is a 2xx."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False
