"""`python -m auth_service` serves, `python -m auth_service migrate` brings its tables up to date."""

from pathlib import Path

from auth_service.main import create_app
from auth_service.settings import AuthSettings
from shared.server import run_service

MIGRATIONS = Path(__file__).parent / "migrations"


def main() -> None:
    """Serve, or migrate."""
    run_service(AuthSettings, create_app, MIGRATIONS)


if __name__ == "__main__":
    main()
