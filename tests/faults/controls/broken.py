"""How every control is served: like the product itself, in whichever shape it was started."""

import os

from chat_service.__main__ import main as serve_chat
from gateway.local import main as serve_everything
from shared.server import run_main


def serve() -> None:
    """Serve what has been patched; only the stack's processes are told of a database."""
    run_main(serve_chat if "DATABASE_URL" in os.environ else serve_everything)
