"""What processes cost, from /proc: CPU seconds and memory, each with all their children."""

import gc
import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from shared.background import LOWEST_PRIORITY

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")
NICE = 16
"""The place of a thread's nice value among those `_fields`."""
CLIENT_CPUS, APP_CPUS = {1}, {0}


def family(roots: Iterable[int]) -> list[int]:
    """These processes and all their descendants that live now."""
    children: dict[int, list[int]] = defaultdict(list)
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                children[int(_stat(int(folder.name))[1])].append(int(folder.name))
    found, waiting = [], list(roots)
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting.extend(children[pid])
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time so far of these processes and of their children that have ended (proc_pid_stat(5))."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            ticks += sum(int(part) for part in _stat(pid)[11:15])  # utime, stime, and both of the children waited for
    return ticks / TICK


def thread_seconds(pids: Iterable[int], *, that_give_way: bool = False) -> float:
    """CPU time so far of the threads of these processes that live now, to the nanosecond (sched-stats.rst).

    Or of those alone that gave themselves the lowest priority, as the ones do that verify passwords.
    """
    nanoseconds = 0
    for pid in pids:
        with suppress(OSError):
            for task in (PROC / str(pid) / "task").iterdir():
                with suppress(OSError):
                    if not that_give_way or _fields(task)[NICE] == str(LOWEST_PRIORITY):
                        nanoseconds += int((task / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def resident_bytes(roots: Iterable[int]) -> int:
    """Resident memory of these processes and their descendants; shared pages are counted by share (PSS)."""
    return sum(_pss(pid) for pid in family(roots))


def private_bytes(pid: int) -> int:
    """Resident memory of one process alone (VmRSS)."""
    return _kibibytes(PROC / str(pid) / "status", "VmRSS:")


def peak_bytes(pid: int) -> int:
    """The most resident memory that one process ever had (VmHWM)."""
    return _kibibytes(PROC / str(pid) / "status", "VmHWM:")


def reset_peak(pid: int) -> None:
    """Let `peak_bytes` begin anew."""
    (PROC / str(pid) / "clear_refs").write_text("5")


def busy_seconds() -> float:
    """CPU time of the whole machine that was not idle, what the hypervisor took included."""
    fields = [int(part) for part in (PROC / "stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICK  # idle and iowait


def _stat(pid: int) -> list[str]:
    return _fields(PROC / str(pid))


def _fields(process: Path) -> list[str]:
    """Of a process or a thread (proc_pid_stat(5)), those after the name, which may hold anything."""
    return (process / "stat").read_text().rpartition(")")[2].split()


def _pss(pid: int) -> int:
    try:
        return _kibibytes(PROC / str(pid) / "smaps_rollup", "Pss:")
    except OSError:
        return 0


def _kibibytes(path: Path, name: str) -> int:
    for line in path.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0


@dataclass
class Window:
    """What was spent between `open` and `close`: by the servers by role, by this process, and by others."""

    roots: Mapping[str, list[int]]
    spent: dict[str, float]
    seconds: float = 0.0
    client: float = 0.0
    foreign: float = 0.0

    @classmethod
    def open(cls, roots: Mapping[str, list[int]]) -> Self:
        """Begin to count. Whoever is there is looked up before that, which takes some milliseconds."""
        families = {role: family(pids) for role, pids in roots.items()}
        window = cls(roots, {role: -cpu_seconds(pids) for role, pids in families.items()})
        window._clocks(-1)
        return window

    def close(self) -> None:
        """End."""
        self._clocks(+1)
        for role, pids in self.roots.items():  # looked up again: there may be new ones
            self.spent[role] += cpu_seconds(family(pids))
        self.foreign -= sum(self.spent.values()) + self.client

    def _clocks(self, sign: int) -> None:
        self.foreign += sign * busy_seconds()
        self.client += sign * time.process_time()
        self.seconds += sign * time.perf_counter()

    @property
    def foreign_share(self) -> float:
        """How much of the machine others used: 1 is all of it."""
        return max(0.0, self.foreign) / (self.seconds * (os.cpu_count() or 1))


@contextmanager
def no_pauses() -> Iterator[None]:
    """No garbage collection here: the client's pauses are not the server's."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


@contextmanager
def pinned(app: Iterable[int], *, on: bool) -> Iterator[None]:
    """The client on one core, the application's processes on another; databases and gateways go where there is room."""
    if not on or (os.cpu_count() or 1) < 2:
        yield
        return
    everywhere = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, CLIENT_CPUS)
        _pin(app, APP_CPUS)
        yield
    finally:
        os.sched_setaffinity(0, everywhere)
        _pin(app, everywhere)


def _pin(roots: Iterable[int], cpus: set[int]) -> None:
    for pid in family(roots):
        with suppress(OSError):
            for task in (PROC / str(pid) / "task").iterdir():
                with suppress(OSError):
                    os.sched_setaffinity(int(task.name), cpus)
