"""`python -m chat_service` serves, `python -m chat_service migrate` brings its tables up to date."""

from pathlib import Path

from chat_service.main import create_app
from chat_service.settings import ChatSettings
from shared.server import run_service

MIGRATIONS = Path(__file__).parent / "migrations"


def main() -> None:
    """Serve, or migrate."""
    run_service(ChatSettings, create_app, MIGRATIONS)


if __name__ == "__main__":
    main()
