"""Settings that both services read from the environment. `.env.example` lists every name."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DAY = 24 * 60 * 60


def _comma_list(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


CommaList = Annotated[list[str], NoDecode, BeforeValidator(_comma_list)]
OptionalPath = Annotated[Path | None, BeforeValidator(_empty_is_none)]
OptionalText = Annotated[str | None, BeforeValidator(_empty_is_none)]
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_empty_is_none)]


class ServiceSettings(BaseSettings):
    """Read once in a composition root, frozen, and passed on from there."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    data_dir: Path = Path("./data")

    database_url: OptionalText = None
    database_password_file: OptionalPath = None
    database_pool_size: int = Field(10, ge=1, le=200)
    redis_url: OptionalText = None
    redis_password_file: OptionalPath = None

    jwt_secret: OptionalSecret = None
    jwt_secret_file: OptionalPath = None
    # Ended sessions are remembered for a day (see shared/revocation.py): no token may outlive that.
    access_token_seconds: int = Field(600, ge=1, le=DAY)

    rate_limits: Literal["on", "off"] = "on"
    trusted_proxies: CommaList = []
    allowed_origins: CommaList = []
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"

    @cached_property
    def resolved_database_url(self) -> str:
        """`DATABASE_URL` with its password filled in, or the SQLite file in `DATA_DIR`."""
        if self.database_url is None:
            return f"sqlite+aiosqlite:///{(self.data_dir / 'communication.sqlite3').resolve()}"
        return _with_password(self.database_url, self.database_password_file)

    @cached_property
    def resolved_redis_url(self) -> str | None:
        """`REDIS_URL` with its password filled in; `None` means one process alone."""
        if self.redis_url is None:
            return None
        return _with_password(self.redis_url, self.redis_password_file)


def _with_password(url: str, password_file: Path | None) -> str:
    """Put a secret from a file into a URL: environments are easily printed, files are not."""
    if password_file is None:
        return url
    parts = urlsplit(url)
    password = quote(password_file.read_text().strip(), safe="")
    location = f"{parts.username or ''}:{password}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit(parts._replace(netloc=location))
