"""The product as its users run it: `Embedded` in one process, `Stack` with all its servers.

Both are context managers for fixtures and scripts alike:

    with Stack(chat_processes=2, env={"ACCESS_TOKEN_SECONDS": "5"}) as stack:
        ... stack.base_url ...
        stack.kill("chat_service", 1)
"""

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.harness.nginx import Nginx
from tests.harness.postgres import Postgres
from tests.harness.processes import LOOPBACK, HarnessError, ManagedProcess, Server, answers, free_port, run
from tests.harness.valkey import Valkey

CHECKOUT = Path(__file__).resolve().parents[2]
DIST = CHECKOUT / "frontend" / "dist"
DATABASE = "communication"
# All that a server under test may know of the developer's shell: no setting of the product may slip in.
INHERITED = ("HOME", "LANG", "PATH", "TMPDIR")


class _Folder:
    """A temporary folder and the start and stop around it."""

    def __init__(self, name: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"communication-{name}-"))

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start everything and wait until it answers."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop everything cleanly."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop everything and remove its files."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


class PythonService(Server):
    """`python -m MODULE` on a port of its own; it is ready when `ready` answers."""

    def __init__(self, name: str, module: str, folder: Path, *, env: Mapping[str, str], ready: str) -> None:
        self.port = free_port()
        self.env = {**env, "HOST": LOOPBACK, "PORT": str(self.port)}
        self._ready = f"{self.base_url}{ready}"
        self.process = ManagedProcess(
            name, [sys.executable, "-m", module], log=folder / f"{name}.log", env=self.env, cwd=folder
        )

    @property
    def base_url(self) -> str:
        """Where it answers by itself, without the gateway."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        self.process.start()
        self.process.wait_until(lambda: answers(self._ready), self._ready)


class Embedded(_Folder):
    """`python -m gateway.local`: everything in one process on SQLite. `env` overrides settings."""

    def __init__(self, *, env: Mapping[str, str] | None = None, data_dir: Path | None = None) -> None:
        super().__init__("embedded")
        self.data_dir = data_dir or self.folder / "data"
        settings = {**environment(), "DATA_DIR": str(self.data_dir), **(env or {})}
        self.service = PythonService("embedded", "gateway.local", self.folder, env=settings, ready="/api/chat/ready")

    @property
    def base_url(self) -> str:
        """Where clients find everything."""
        return self.service.base_url

    @property
    def ws_url(self) -> str:
        """The socket's URL."""
        return _ws_url(self.base_url)

    @property
    def process(self) -> ManagedProcess:
        """Its subprocess."""
        return self.service.process

    def start(self) -> None:
        self.service.start()

    def stop(self) -> None:
        self.service.stop()

    def kill(self) -> None:
        """Make it crash."""
        self.service.kill()

    def restart(self) -> None:
        """Stop it cleanly and start it on the same data."""
        self.stop()
        self.start()

    def logs(self) -> str:
        """What it has printed."""
        return self.process.log()


class Stack(_Folder):
    """nginx, auth_service, `chat_processes` of chat_service, PostgreSQL and Valkey.

    `env` overrides settings of both services, but TRUSTED_PROXIES, which is the gateway's here as in compose:
    the services trust the gateway. `dist` is the built SPA. `fsync=False` is for suites that never crash the
    database.
    """

    def __init__(
        self,
        *,
        chat_processes: int = 2,
        env: Mapping[str, str] | None = None,
        dist: Path = DIST,
        fsync: bool = True,
    ) -> None:
        if not (dist / "index.html").exists():
            raise HarnessError(f"{dist} is missing: run `npm ci && npm run build` in frontend/")
        super().__init__("stack")
        self._has_tables = False
        overrides = dict(env or {})
        trusted_proxies = overrides.pop("TRUSTED_PROXIES", "")
        self.postgres = Postgres(self.folder / "postgres", fsync=fsync)
        self.valkey = Valkey(self.folder / "valkey")
        settings = {**environment(), **self._service_settings(), **overrides}
        self.auth = PythonService("auth_service", "auth_service", self.folder, env=settings, ready="/api/auth/ready")
        self.chats = [
            PythonService(f"chat_service-{index}", "chat_service", self.folder, env=settings, ready="/api/chat/ready")
            for index in range(chat_processes)
        ]
        self.nginx = Nginx(
            self.folder / "nginx",
            upstreams={"auth_service": [self.auth.port], "chat_service": [chat.port for chat in self.chats]},
            root=dist,
            files=self.folder / "data" / "files",
            trusted_proxies=trusted_proxies,
        )

    @property
    def base_url(self) -> str:
        """Where clients find everything."""
        return self.nginx.base_url

    @property
    def ws_url(self) -> str:
        """The socket's URL, by way of nginx."""
        return _ws_url(self.base_url)

    @property
    def chat_urls(self) -> list[str]:
        """Each chat process by itself, to decide which one answers."""
        return [chat.base_url for chat in self.chats]

    @property
    def chat_ws_urls(self) -> list[str]:
        """The socket of each chat process by itself."""
        return [_ws_url(url) for url in self.chat_urls]

    def start(self) -> None:
        self.postgres.start()
        self.valkey.start()
        if not self._has_tables:
            self._create_tables()
        for service in (self.auth, *self.chats):
            service.process.start()  # all at once; each is waited for below
        for server in (self.auth, *self.chats, self.nginx):
            server.start()

    def stop(self) -> None:
        with ExitStack() as stops:  # one that does not stop keeps no other one running
            for server in (self.postgres, self.valkey, self.auth, *self.chats, self.nginx):
                stops.callback(server.stop)

    def server(self, name: str, index: int = 0) -> Server:
        """One of `postgres`, `valkey`, `auth_service`, `chat_service` (by index) and `nginx`."""
        servers: dict[str, list[Server]] = {
            "postgres": [self.postgres],
            "valkey": [self.valkey],
            "auth_service": [self.auth],
            "chat_service": [*self.chats],
            "nginx": [self.nginx],
        }
        return servers[name][index]

    def start_server(self, name: str, index: int = 0) -> None:
        """Start one that was stopped or killed."""
        self.server(name, index).start()

    def stop_server(self, name: str, index: int = 0) -> None:
        """Stop one cleanly."""
        self.server(name, index).stop()

    def kill(self, name: str, index: int = 0) -> None:
        """Make one crash."""
        self.server(name, index).kill()

    def restart(self, name: str, index: int = 0) -> None:
        """Stop one cleanly and start it again, on the same port and data."""
        self.stop_server(name, index)
        self.start_server(name, index)

    def logs(self, name: str, index: int = 0) -> str:
        """What one has printed over all its runs."""
        return self.server(name, index).process.log()

    def _create_tables(self) -> None:
        self.postgres.create_database(DATABASE)
        for module in ("auth_service", "chat_service"):  # chat_service refers to the users of auth_service
            run([sys.executable, "-m", module, "migrate"], env=self.auth.env, cwd=self.folder)
        self._has_tables = True

    def _service_settings(self) -> dict[str, str]:
        return {
            "DATA_DIR": str(self.folder / "data"),
            "ACCEL_REDIRECT": "on",
            "DATABASE_URL": self.postgres.url(DATABASE),
            "REDIS_URL": self.valkey.url,
            "JWT_SECRET": secrets.token_urlsafe(32),
            "TRUSTED_PROXIES": LOOPBACK,
            "LOG_FORMAT": "json",
        }


def migrate(url: str, folder: Path) -> None:
    """Make both services' tables in this database."""
    for module in ("auth_service", "chat_service"):  # chat_service refers to the users of auth_service
        run([sys.executable, "-m", module, "migrate"], env={**environment(), "DATABASE_URL": url}, cwd=folder)


def environment() -> dict[str, str]:
    """What a server starts with: nothing of the developer's own settings, and the checkout to import from."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {**inherited, "PYTHONPATH": str(CHECKOUT)}  # not run from there: a developer's `.env` may lie there


def _ws_url(base_url: str) -> str:
    return base_url.replace("http", "ws", 1) + "/api/ws"
