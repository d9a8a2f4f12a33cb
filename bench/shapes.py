"""What is measured: the product in its shapes, and the two yardsticks. Each is started for real, with people in it."""

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import people
from bench.people import Minter
from tests.harness.postgres import Postgres
from tests.harness.servers import DATABASE, Embedded, PythonService, Stack, environment

PEOPLE = 12_000
LIMITS_OFF = {"RATE_LIMITS": "off"}


@dataclass(frozen=True)
class Target:
    """Something that runs, and how to speak to it."""

    name: str
    port: int
    """Where its sockets are: the application itself, or the gateway before it."""
    minter: Minter
    roots: Mapping[str, list[int]]
    """Process ids by role: `app`, `database`, `gateway`."""
    count_stored: Callable[[Iterable[str]], Awaitable[int]] | None
    """How many messages of these client_ids the database has; None without a database."""
    dsn: str | None = None
    auth_port: int = 0
    stack: Stack | None = None
    embedded: Embedded | None = None

    @property
    def app(self) -> list[int]:
        """The application's processes."""
        return self.roots["app"]


@contextmanager
def stack(
    chat_processes: int = 1, *, gateway: bool = False, env: Mapping[str, str] | None = None, count: int = PEOPLE
) -> Iterator[Target]:
    """The product on PostgreSQL and Valkey: one chat process by itself, or all of it through nginx."""
    with pages() as dist, Stack(chat_processes=chat_processes, env={**LIMITS_OFF, **(env or {})}, dist=dist) as running:
        dsn = running.postgres.url(DATABASE, "postgresql")
        asyncio.run(people.add_people_on_postgres(dsn, count))
        yield stack_target(running, gateway=gateway)


def stack_target(running: Stack, *, gateway: bool) -> Target:
    """A running stack, by way of nginx or not."""
    dsn = running.postgres.url(DATABASE, "postgresql")
    processes = len(running.chats)
    roots = {
        "app": [chat.process.pid for chat in running.chats],
        "database": [running.postgres.process.pid],
        "bus": [running.valkey.process.pid],
    }
    if gateway:
        roots["gateway"] = [running.nginx.process.pid]
    return Target(
        name=f"stack, {processes} chat process{'es' if processes > 1 else ''}" + (", nginx" if gateway else ""),
        port=running.nginx.port if gateway else running.chats[0].port,
        minter=Minter(running.auth.env["JWT_SECRET"]),
        roots=roots,
        count_stored=lambda ids: people.count_on_postgres(dsn, ids),
        dsn=dsn,
        auth_port=running.nginx.port if gateway else running.auth.port,
        stack=running,
    )


@contextmanager
def embedded(count: int = PEOPLE, env: Mapping[str, str] | None = None) -> Iterator[Target]:
    """The product in one process on SQLite."""
    secret = secrets.token_urlsafe(32)
    with Embedded(env={**LIMITS_OFF, "JWT_SECRET": secret, **(env or {})}) as running:
        path = running.data_dir / "communication.sqlite3"
        people.add_people_on_sqlite(path, count)
        yield Target(
            name="one process, SQLite",
            port=running.service.port,
            minter=Minter(secret),
            roots={"app": [running.process.pid]},
            count_stored=lambda ids: people.count_on_sqlite(path, ids),
            auth_port=running.service.port,
            embedded=running,
        )


@contextmanager
def naive() -> Iterator[Target]:
    """ORM session and commit for each message, on a PostgreSQL of its own with the same settings."""
    secret, folder = secrets.token_urlsafe(32), Path(tempfile.mkdtemp(prefix="communication-naive-"))
    with ExitStack() as running:
        running.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres = running.enter_context(Postgres(folder / "postgres"))
        postgres.create_database("naive")
        env = {**environment(), "JWT_SECRET": secret, "DATABASE_URL": postgres.url("naive")}
        app = running.enter_context(PythonService("naive", "bench.apps.naive", folder, env=env, ready="/health"))
        dsn = postgres.url("naive", "postgresql")
        yield Target(
            name="naive, PostgreSQL",
            port=app.port,
            minter=Minter(secret),
            roots={"app": [app.process.pid], "database": [postgres.process.pid]},
            count_stored=lambda ids: people.count_on_postgres(dsn, ids),
            dsn=dsn,
        )


@contextmanager
def ceiling(*, own_events: bool = False, fault: str = "") -> Iterator[Target]:
    """The same sockets without a database."""
    name = "ceiling, own events too" if own_events else "ceiling"
    env = {"OWN_EVENTS": "on" if own_events else "off", "FAULT": fault}
    with _without_database("ceiling", name, env) as target:
        yield target


@contextmanager
def bare() -> Iterator[Target]:
    """An ASGI function on uvicorn."""
    with _without_database("bare", "bare uvicorn", {}) as target:
        yield target


@contextmanager
def limited_auth(stack: Stack) -> Iterator[Target]:
    """auth_service once more beside that of a running stack, with its limits on."""
    folder = Path(tempfile.mkdtemp(prefix="communication-limited-"))
    with ExitStack() as running:
        running.callback(shutil.rmtree, folder, ignore_errors=True)
        env = {**stack.auth.env, "RATE_LIMITS": "on"}
        service = PythonService("limited", "auth_service", folder, env=env, ready="/api/auth/ready")
        running.enter_context(service)
        yield Target(
            name="auth_service, limits on",
            port=service.port,
            minter=Minter(stack.auth.env["JWT_SECRET"]),
            roots={
                "app": [service.process.pid],
                "database": [stack.postgres.process.pid],
                "limits": [stack.valkey.process.pid],
            },
            count_stored=None,
            auth_port=service.port,
        )


@contextmanager
def least_login(stack: Stack) -> Iterator[Target]:
    """An ASGI function that signs in and does no more, on the database of a running stack."""
    dsn, folder = stack.postgres.url(DATABASE, "postgresql"), Path(tempfile.mkdtemp(prefix="communication-login-"))
    with ExitStack() as running:
        running.callback(shutil.rmtree, folder, ignore_errors=True)
        env = {**environment(), "DATABASE_URL": dsn}
        app = running.enter_context(PythonService("login", "bench.apps.login", folder, env=env, ready="/"))
        yield Target(
            name="an ASGI function on uvicorn",
            port=app.port,
            minter=Minter(stack.auth.env["JWT_SECRET"]),
            roots={"app": [app.process.pid], "database": [stack.postgres.process.pid]},
            count_stored=None,
            dsn=dsn,
            auth_port=app.port,
        )


@contextmanager
def _without_database(module: str, name: str, env: Mapping[str, str]) -> Iterator[Target]:
    secret, folder = secrets.token_urlsafe(32), Path(tempfile.mkdtemp(prefix=f"communication-{module}-"))
    with ExitStack() as running:
        running.callback(shutil.rmtree, folder, ignore_errors=True)
        settings = {**environment(), "JWT_SECRET": secret, **env}
        app = PythonService(module, f"bench.apps.{module}", folder, env=settings, ready="/health")
        running.enter_context(app)
        yield Target(
            name=name,
            port=app.port,
            minter=Minter(secret),
            roots={"app": [app.process.pid]},
            count_stored=None,
        )


@contextmanager
def pages() -> Iterator[Path]:
    """One page, for a gateway of which nobody wants pages: the frontend need not be built."""
    folder = Path(tempfile.mkdtemp(prefix="communication-pages-"))
    folder.chmod(0o755)
    try:
        (folder / "index.html").write_text("<!doctype html><title>bench</title>")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
