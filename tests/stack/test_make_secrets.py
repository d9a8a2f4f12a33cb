"""The one-shot that makes the compose stack's secrets."""

import hashlib
import stat
from pathlib import Path

import pytest

from gateway.make_secrets import make_secrets


@pytest.fixture
def volumes(tmp_path: Path) -> Path:
    """Three empty volumes."""
    for name in ("services", "postgres", "valkey"):
        (tmp_path / name).mkdir()
    return tmp_path


def contents(volumes: Path) -> dict[str, str]:
    return {str(path.relative_to(volumes)): path.read_text() for path in sorted(volumes.rglob("*")) if path.is_file()}


def test_each_volume_has_what_its_container_needs(volumes: Path) -> None:
    make_secrets(volumes)

    made = contents(volumes)
    assert list(made) == [
        "postgres/10-communication.sql",
        "postgres/superuser_password",
        "services/database_password",
        "services/jwt_secret",
        "services/valkey_password",
        "valkey/users.acl",
    ]
    assert f"PASSWORD '{made['services/database_password']}'" in made["postgres/10-communication.sql"]
    assert hashlib.sha256(made["services/valkey_password"].encode()).hexdigest() in made["valkey/users.acl"]
    assert made["services/valkey_password"] not in made["valkey/users.acl"]
    assert all(len(made[f"services/{name}"]) >= 43 for name in ("jwt_secret", "database_password", "valkey_password"))


def test_the_services_secrets_are_their_owner_s_only(volumes: Path) -> None:
    make_secrets(volumes)

    assert {stat.S_IMODE(path.stat().st_mode) for path in (volumes / "services").iterdir()} == {0o400}


def test_a_second_start_changes_nothing(volumes: Path) -> None:
    make_secrets(volumes)
    before = contents(volumes)

    make_secrets(volumes)

    assert contents(volumes) == before


def test_a_start_that_was_cut_off_is_completed(volumes: Path) -> None:
    make_secrets(volumes)
    kept = (volumes / "services" / "database_password").read_text()
    (volumes / "postgres" / "10-communication.sql").unlink()
    (volumes / "services" / ".jwt_secret.new").write_text("half")
    (volumes / "services" / "jwt_secret").unlink()

    make_secrets(volumes)

    assert kept in contents(volumes)["postgres/10-communication.sql"]
    assert len((volumes / "services" / "jwt_secret").read_text()) >= 43
