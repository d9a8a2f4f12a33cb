"""Settings from the environment."""

from pathlib import Path

import pytest

from shared.settings import ServiceSettings


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1,")
    assert ServiceSettings().trusted_proxies == ["10.0.0.0/8", "127.0.0.1"]


def test_an_empty_value_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "JWT_SECRET", "JWT_SECRET_FILE"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings = ServiceSettings()
    assert settings.jwt_secret is None
    assert settings.resolved_redis_url is None
    assert settings.resolved_database_url == f"sqlite+aiosqlite:///{tmp_path}/communication.sqlite3"


def test_a_password_comes_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p@ss/word\n")
    settings = ServiceSettings(
        database_url="postgresql+asyncpg://me@db:5432/chat", database_password_file=tmp_path / "password"
    )
    assert settings.resolved_database_url == "postgresql+asyncpg://me:p%40ss%2Fword@db:5432/chat"
