"""Running an application under uvicorn, with the settings that a chat behind a proxy needs."""

import asyncio
import ctypes
import gc
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TypeVar

import uvicorn
from alembic import command
from alembic.config import Config
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE

from shared.clock import monotonic
from shared.engine import prepare_sqlite_folder
from shared.logging import configure_logging
from shared.service import Service
from shared.settings import ServiceSettings
from shared.sockets import SocketProtocol
from shared.tokens import WeakSecret

# Above the contract's 128 KiB, which chat_service sees to: uvicorn cuts a larger frame off in the middle, and the reset
# that follows takes the close code with it.
MAX_FRAME_BYTES = 2 * 1024 * 1024
GRACEFUL_SECONDS = 4
"""How long requests and sockets may take to end; with what the parts need after that it is less than 10 s."""
LAST_REQUESTS_SECONDS = 0.5
"""How long kept-alive connections are still answered, each with `Connection: close`, before they are cut."""
POLL_SECONDS = 0.02
TICK_SECONDS = 1.0
M_ARENA_MAX = -8  # malloc.h
GC_THRESHOLDS = (20_000, 20, 50)
KEEP_ALIVE_SECONDS = 75  # longer than nginx keeps an idle upstream connection, else it meets a closed one


class Server(uvicorn.Server):
    """uvicorn's, that loses no request when it ends behind a proxy.

    A proxy sends its next request over a connection that was kept alive, and cannot know that it is being closed just
    then. So these connections are told to close with an answer first, and only those that stay idle are cut.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop, self._exiting = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)
        # What is there now stays: the collector need not look at it again, and what a request makes is mostly acyclic.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)

    async def main_loop(self) -> None:
        # uvicorn's looks ten times a second whether it is to end. Here it is told, and the date is made once a second.
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._exiting.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self.started:
            self._loop.call_soon_threadsafe(self._exiting.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        self.server_state.default_headers.append((b"connection", b"close"))  # in place: answers hold this list
        for connection in list(self.server_state.connections):
            if isinstance(connection, SocketProtocol):
                connection.shutdown()
        deadline = monotonic() + LAST_REQUESTS_SECONDS
        while self.server_state.connections and monotonic() < deadline:  # noqa: ASYNC110 -- uvicorn tells nobody
            await asyncio.sleep(POLL_SECONDS)
        await super().shutdown(sockets)


def use_one_heap() -> None:
    """Keep glibc from giving each thread a heap of its own, which it hardly ever gives back.

    With an object store's client those are tens of megabytes; elsewhere than with glibc nothing changes.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def serve(app: ASGIApp, settings: ServiceSettings) -> None:
    """Serve until SIGINT or SIGTERM."""
    use_one_heap()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws=SocketProtocol,
        ws_max_size=MAX_FRAME_BYTES,
        ws_ping_interval=25,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,  # 64 KiB per socket and a bomb's fuse, for frames of 300 bytes
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        reset_contextvars=True,  # a request that was waiting would begin with the log context of the one before it
        access_log=False,  # shared.middleware logs requests, without query strings
        log_config=None,
    )
    server = Server(config)
    with suppress(KeyboardInterrupt):  # uvicorn raises SIGINT again once it has ended
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def migrate(scripts: Path, url: str) -> None:
    """Bring one service's tables to the newest version of its history."""
    prepare_sqlite_folder(url)
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["url"] = url
    command.upgrade(config, "head")


SettingsT = TypeVar("SettingsT", bound=ServiceSettings)


def run_service(kind: type[SettingsT], create_app: Callable[[SettingsT], Service], migrations: Path) -> None:
    """What a service does when it is run as a program: it serves, or with `migrate` brings its tables up to date."""

    def main() -> None:
        settings = kind()
        configure_logging(settings.log_level, settings.log_format)
        if sys.argv[1:] == ["migrate"]:
            migrate(migrations, settings.resolved_database_url)
        elif not sys.argv[1:]:
            serve(create_app(settings).asgi, settings)
        else:
            sys.exit(f"usage: python -m {migrations.parent.name} [migrate]")

    run_main(main)


def run_main(main: Callable[[], None]) -> None:
    """Run a command; a setting that must not be used ends it with one clear line."""
    try:
        main()
    except WeakSecret as error:
        sys.exit(f"refusing to start: {error}")
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)
