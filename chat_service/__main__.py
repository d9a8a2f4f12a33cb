"""`python -m chat_service` serves, `python -m chat_service migrate` brings its tables up to date."""

import sys
from pathlib import Path

from chat_service.main import create_app
from chat_service.settings import ChatSettings
from shared.logging import configure_logging
from shared.server import migrate, run_main, serve

MIGRATIONS = Path(__file__).parent / "migrations"


def main() -> None:
    """Serve, or migrate."""
    settings = ChatSettings()
    configure_logging(settings.log_level, settings.log_format)
    if sys.argv[1:] == ["migrate"]:
        migrate(MIGRATIONS, settings.resolved_database_url)
    elif not sys.argv[1:]:
        serve(create_app(settings).asgi, settings)
    else:
        sys.exit("usage: python -m chat_service [migrate]")


if __name__ == "__main__":
    run_main(main)
