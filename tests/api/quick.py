"""The same product with short times: for what happens when a grace or a token runs out."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.harness.servers import Embedded, PythonService, Stack

GRACE_SECONDS = 1
TOKEN_SECONDS = 3
SETTINGS = {
    "RATE_LIMITS": "off",
    "REFRESH_GRACE_SECONDS": str(GRACE_SECONDS),
    "ACCESS_TOKEN_SECONDS": str(TOKEN_SECONDS),
}


@dataclass(frozen=True)
class Quick:
    """Where it answers."""

    auth_url: str
    chat_url: str
    ws_url: str


@contextmanager
def quick_product(server: Embedded | Stack) -> Iterator[Quick]:
    """A process of its own on SQLite, or another pair of services on the stack's database."""
    with ExitStack() as running:
        if isinstance(server, Embedded):
            embedded = running.enter_context(Embedded(env=SETTINGS))
            yield Quick(embedded.base_url, embedded.base_url, embedded.ws_url)
            return
        env = {**server.auth.env, **SETTINGS}
        services = [
            PythonService(f"quick-{module}", module, server.folder, env=env, ready=ready)
            for module, ready in (("auth_service", "/api/auth/ready"), ("chat_service", "/api/chat/ready"))
        ]
        for service in services:
            service.process.start()
        auth, chat = [running.enter_context(service) for service in services]
        yield Quick(auth.base_url, chat.base_url, chat.base_url.replace("http", "ws", 1) + "/api/ws")
