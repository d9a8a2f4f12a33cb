"""`python -m gateway.openapi FOLDER` writes both OpenAPI documents, which the TypeScript client is made from."""

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
        folder_only = {"data_dir": data_dir, "database_url": "", "redis_url": "", "jwt_secret": ""}
        documents = {
            "auth": auth.create_app(AuthSettings.model_validate(folder_only)).api.openapi(),
            "chat": chat.create_app(ChatSettings.model_validate(folder_only)).api.openapi(),
        }
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
