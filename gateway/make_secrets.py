"""Makes the secrets of the compose stack on its first start: `make_secrets.py FOLDER`.

Each folder below is a volume of its own, so that a container holds only what it needs:

- `services/`  `jwt_secret`, `database_password`, `valkey_password`, for the two services
- `postgres/`  the superuser's password, and the SQL that creates the services' role and database
- `valkey/`    the access list, with a hash of the password

What exists is kept; `postgres/` and `valkey/` follow from `services/`, so the next run completes one that was cut off.
"""

import hashlib
import os
import secrets
import sys
from pathlib import Path

OWNER_ONLY = 0o400
READABLE = 0o444  # by a server that runs as another user; nobody else mounts that volume


def make_secrets(folder: Path) -> None:
    """Fill the three folders. None of them may be missing."""
    services, postgres, valkey = folder / "services", folder / "postgres", folder / "valkey"
    _keep_or_make(services / "jwt_secret", OWNER_ONLY)
    database_password = _keep_or_make(services / "database_password", OWNER_ONLY)
    valkey_password = _keep_or_make(services / "valkey_password", OWNER_ONLY)

    _keep_or_make(postgres / "superuser_password", READABLE)
    _write(postgres / "10-communication.sql", _database_sql(database_password), READABLE)
    _write(valkey / "users.acl", _access_list(valkey_password), READABLE)


def _database_sql(password: str) -> str:
    """The services own their database and are nobody anywhere else."""
    return (
        f"CREATE ROLE communication LOGIN PASSWORD '{password}';\nCREATE DATABASE communication OWNER communication;\n"
    )


def _access_list(password: str) -> str:
    """All keys, channels and commands, but for those that administrate the server."""
    digest = hashlib.sha256(password.encode()).hexdigest()
    return f"user default on #{digest} ~* &* +@all -@admin\n"


def _keep_or_make(path: Path, mode: int) -> str:
    if not path.exists():
        _write(path, secrets.token_urlsafe(32), mode)
    return path.read_text()


def _write(path: Path, content: str, mode: int) -> None:
    """Write all or nothing: a half-written secret would be kept for ever."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


if __name__ == "__main__":
    make_secrets(Path(sys.argv[1]))
