"""People with an account, for tests that need somebody to be signed in."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

SECONDS = 10


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    id: int
    name: str
    password: str
    token: str
    client: httpx2.Client

    @property
    def subprotocols(self) -> list[Subprotocol]:
        """How a browser brings its token to a socket."""
        return [Subprotocol("chat.v1"), Subprotocol(f"bearer.{self.token}")]

    @property
    def login(self) -> dict[str, str]:
        """The form that signs in."""
        return {"grant_type": "password", "username": self.name, "password": self.password}

    @property
    def headers(self) -> dict[str, str]:
        """What to send to one process directly."""
        return {"Authorization": f"Bearer {self.token}"}

    @contextmanager
    def socket(self, ws_url: str) -> Iterator[ClientConnection]:
        """An open socket that has said `ready`."""
        with connect(ws_url, subprotocols=self.subprotocols, open_timeout=SECONDS) as socket:
            assert receive(socket, "ready")["user_id"] == self.id
            yield socket


def new_person(client: httpx2.Client) -> Person:
    """Register somebody with a random name and sign in; the client is theirs from now on."""
    name, password = f"person-{secrets.token_hex(6)}", secrets.token_urlsafe(16)
    form = {"username": name, "email": f"{name}@example.com", "password": password}
    registered = client.post("/api/auth/register", json=form)
    assert registered.status_code == 201, registered.text
    login = {"grant_type": "password", "username": name, "password": password}
    token = client.post("/api/auth/token", data=login).raise_for_status().json()["access_token"]
    person = Person(registered.json()["id"], name, password, token, client)
    client.headers.update(person.headers)
    return person


def message_to(receiver: Person, text: str) -> dict[str, Any]:
    """The body of a new message."""
    return {"receiver_id": receiver.id, "text": text, "client_id": str(uuid4())}


def receive(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next frame of this type; others are skipped."""
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(timeout=SECONDS))
        if frame["type"] == kind:
            return frame
