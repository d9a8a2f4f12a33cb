"""A file of 100 MB, up and down."""

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import uvloop

from bench.measure import Window, peak_bytes, private_bytes, reset_peak
from bench.options import Options
from bench.results import Results
from bench.shapes import Target, embedded, stack
from bench.web import Web

SCENARIO = "files"
MEGABYTES = 100
BOUNDARY = "frontier-of-a-measurement"
LARGE = {"MAX_UPLOAD_BYTES": str(200 * 10**6)}
SHAPES: tuple[Callable[[], AbstractContextManager[Target]], ...] = (
    lambda: embedded(env=LARGE),
    lambda: stack(1, gateway=True, env=LARGE),
)


def run(results: Results, options: Options) -> None:
    """Up, then down."""
    size = (5 if options.quick else MEGABYTES) * 10**6
    body = _multipart(os.urandom(size))
    for start in SHAPES:
        with start() as target:
            uvloop.run(_measure(results, target, body, size))


def _multipart(content: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="noise.bin"\r\n'
    return (
        f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    )


async def _measure(results: Results, target: Target, body: bytes, size: int) -> None:
    pid, megabytes = target.app[0], size / 10**6
    async with Web(target.port, target.minter.token(1)) as web:
        reset_peak(pid)
        before, window, started = private_bytes(pid), Window.open(target.roots), time.perf_counter()
        answer = await web.request("POST", "/api/files/upload", body, f"multipart/form-data; boundary={BOUNDARY}")
        seconds = time.perf_counter() - started
        window.close()
        _add(results, target, f"upload of {megabytes:.0f} MB", megabytes, seconds, window, peak_bytes(pid) - before)
        url = answer.json()[0]["url"]
        reset_peak(pid)
        before, window, started = private_bytes(pid), Window.open(target.roots), time.perf_counter()
        answer = await web.request("GET", url, keep=False)
        seconds = time.perf_counter() - started
        window.close()
        assert answer.status == 200
        assert int(answer.headers["content-length"]) == size
        _add(results, target, f"download of {megabytes:.0f} MB", megabytes, seconds, window, peak_bytes(pid) - before)


def _add(
    results: Results, target: Target, case: str, megabytes: float, seconds: float, window: Window, grown: int
) -> None:
    results.add(
        SCENARIO,
        target.name,
        case,
        **{
            "MB/s": megabytes / seconds,
            "seconds": seconds,
            "CPU s": sum(window.spent.values()),
            "app's peak grows by MiB": grown / 2**20,
            "others %": window.foreign_share * 100,
        },
    )
