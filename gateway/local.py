"""The whole product in one process: the paths and headers of the nginx gateway, for `make run` (SQLite, no Docker)."""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

import auth_service.__main__ as auth_commands
import chat_service.__main__ as chat_commands
from auth_service import main as auth
from auth_service.settings import AuthSettings
from chat_service import main as chat
from chat_service.settings import ChatSettings
from gateway.pages import Pages
from shared.bus import create_bus
from shared.database import Database
from shared.logging import configure_logging
from shared.server import migrate, run_main, serve

DIST = Path(__file__).parent.parent / "frontend" / "dist"
AUTH_PATHS = ("/api/auth/", "/api/users/", "/.well-known/oauth-authorization-server")


class Gateway:
    """Sends each path to the service that it belongs to, and all others to the pages."""

    def __init__(self, auth_app: ASGIApp, chat_app: ASGIApp, pages: ASGIApp, lifespan: ASGIApp) -> None:
        self._auth = auth_app
        self._chat = chat_app
        self._pages = pages
        self._lifespan = lifespan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._target(scope)(scope, receive, send)

    def _target(self, scope: Scope) -> ASGIApp:
        if scope["type"] == "lifespan":
            return self._lifespan
        path = f"{scope['path']}/"
        if path.startswith(AUTH_PATHS):
            return self._auth
        return self._chat if path.startswith("/api/") or scope["type"] == "websocket" else self._pages


def create_app(auth_settings: AuthSettings, chat_settings: ChatSettings) -> ASGIApp:
    """Both services on one database and one bus, and the pages."""
    database = Database(auth_settings.resolved_database_url, pool_size=auth_settings.database_pool_size)
    bus = create_bus(auth_settings.resolved_redis_url)
    auth_app = auth.create_app(auth_settings, database=database, bus=bus)
    chat_app = chat.create_app(chat_settings, database=database, bus=bus)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(database.close)
            for service in (auth_app.api, chat_app.api):
                await stack.enter_async_context(_running(service))
            await bus.start()
            stack.push_async_callback(bus.stop)
            yield

    return Gateway(auth_app.asgi, chat_app.asgi, Pages(DIST), Starlette(lifespan=lifespan))


@asynccontextmanager
async def _running(api: FastAPI) -> AsyncIterator[None]:
    async with api.router.lifespan_context(api):
        yield


def main() -> None:
    """Migrate, then serve on HOST and PORT."""
    auth_settings, chat_settings = AuthSettings(), ChatSettings()
    configure_logging(auth_settings.log_level, auth_settings.log_format)
    if not (DIST / "index.html").exists():
        sys.exit("the pages are not built yet: run `make run`, or `npm ci && npm run build` in frontend/")
    for migrations in (auth_commands.MIGRATIONS, chat_commands.MIGRATIONS):
        migrate(migrations, auth_settings.resolved_database_url)
    app = create_app(auth_settings, chat_settings)
    print(f"Communication is at http://{auth_settings.host}:{auth_settings.port}  (Ctrl-C ends it)", flush=True)
    serve(app, auth_settings)


if __name__ == "__main__":
    run_main(main)
