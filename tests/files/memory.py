"""Large files without ever having one in memory, and how much memory a server needs for them."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx2

from tests.files.site import MIB

IS_LONG = bool(os.environ.get("FILES_LONG"))
SAMPLE_SECONDS = 0.02


def write_noise(path: Path, size: int, seed: int) -> str:
    """A file of random bytes, and its SHA-256."""
    random, digest = Random(seed), hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(size // MIB):
            block = random.randbytes(MIB)
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def download_hash(client: httpx2.Client, url: str) -> str:
    """The SHA-256 of what is there."""
    digest = hashlib.sha256()
    with client.stream("GET", url) as answer:
        assert answer.status_code == 200
        for block in answer.iter_bytes(MIB):
            digest.update(block)
    return digest.hexdigest()


@dataclass
class Peak:
    """The most memory that was seen: of all processes together, and of each."""

    before: dict[str, int]
    together: int = 0
    each: dict[str, int] = field(default_factory=dict)
    samples: int = 0

    @property
    def growth(self) -> int:
        """By how much all grew together, in bytes."""
        return self.together - sum(self.before.values())

    def add(self, sample: dict[str, int]) -> None:
        """Look at one moment."""
        self.samples += 1
        self.together = max(self.together, sum(sample.values()))
        for name, size in sample.items():
            self.each[name] = max(self.each.get(name, 0), size)

    def __str__(self) -> str:
        grown = {name: (size - self.before.get(name, 0)) / MIB for name, size in self.each.items()}
        told = ", ".join(f"{name} {size:.1f}" for name, size in grown.items())
        return f"grown {self.growth / MIB:.1f} MiB at most ({told}; {self.samples} samples)"


@contextmanager
def sampled(rss: Callable[[], dict[str, int]]) -> Iterator[Peak]:
    """Ask for the memory all the time while the block runs."""
    peak = Peak(rss())
    is_over = threading.Event()

    def sample() -> None:
        while not is_over.wait(SAMPLE_SECONDS):
            peak.add(rss())

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield peak
    finally:
        is_over.set()
        thread.join()
