"""`python -m gateway.openapi FOLDER` writes the two services' OpenAPI documents; the TypeScript client is made from them."""

import json
import sys
import tempfile
from pathlib import Path

from auth_service import main as auth
from auth_service.settings import AuthSettings
from chat_service import main as chat
from chat_service.settings import ChatSettings


def main() -> None:
    """Write `auth.json` and `chat.json`."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data_dir:
        environment = {"data_dir": Path(data_dir), "database_url": None, "redis_url": None, "jwt_secret": None}
        documents = {
            "auth": auth.create_app(AuthSettings(**environment)).api.openapi(),
            "chat": chat.create_app(ChatSettings(**environment)).api.openapi(),
        }
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
