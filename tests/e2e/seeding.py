"""Long conversations in no time: rows written beside a running server, which has not read them yet."""

import sqlite3
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Browser, ViewportSize

from chat_service.search.words import searchable
from tests.e2e.people import PASSWORD, Person
from tests.harness.servers import Embedded

EVERY = timedelta(minutes=17)


class Api:
    """What somebody does without their browser's page: from another device, as the others see it."""

    def __init__(self, person: Person) -> None:
        self._request = person.context.request
        form: dict[str, str | float | bool] = {
            "grant_type": "password",
            "username": person.name,
            "password": PASSWORD,
        }
        token = self._request.post("/api/auth/token", form=form).json()["access_token"]
        self._headers = {"Authorization": f"Bearer {token}"}
        self.id: int = self._call("GET", "/api/users/me")["id"]

    def send(self, to: int, text: str, **fields: Any) -> dict[str, Any]:
        """Send a message; returns it."""
        body = {"receiver_id": to, "text": text, "client_id": str(uuid.uuid4()), **fields}
        message: dict[str, Any] = self._call("POST", "/api/messages", body)
        return message

    def edit(self, message_id: int, text: str) -> None:
        """Give a message another text."""
        self._call("PATCH", f"/api/messages/{message_id}", {"text": text})

    def delete(self, message_id: int) -> None:
        """Delete a message."""
        self._call("DELETE", f"/api/messages/{message_id}")

    def react(self, message_id: int, emoji: str) -> None:
        """Put an emoji on a message."""
        self._call("PUT", f"/api/messages/{message_id}/reactions/{emoji}")

    def read(self, peer_id: int, message_id: int) -> None:
        """Have read a conversation so far."""
        self._call("POST", f"/api/conversations/{peer_id}/read", {"message_id": message_id})

    def leave(self) -> None:
        """Delete the account."""
        self._call("DELETE", "/api/users/me", {"password": PASSWORD})

    def upload(self, name: str, content: bytes, type_: str) -> str:
        """Upload a file that belongs to no message yet; returns its id."""
        files: Any = {"files": {"name": name, "mimeType": type_, "buffer": content}}
        answer = self._request.post("/api/files/upload", headers=self._headers, multipart=files)
        assert answer.ok, answer.text()
        found: str = answer.json()[0]["id"]
        return found

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self._request.fetch(path, method=method, headers=self._headers, data=body)
        assert answer.ok, f"{method} {path}: {answer.status} {answer.text()}"
        return answer.json() if answer.status != 204 else None


def gather(browser: Browser, server: Embedded, width: int) -> tuple[Person, Person, Person]:
    """Three people with accounts and large windows."""

    def make(name: str) -> Person:
        window: ViewportSize = {"width": width, "height": 800}
        person = Person(name, browser.new_context(base_url=server.base_url, locale="uk-UA", viewport=window))
        person.register()
        return person

    return make("Олена"), make("Богдан"), make("Данило")


@dataclass(frozen=True)
class Seeded:
    """A conversation that is simply there."""

    ids: Sequence[int]


def seed(server: Embedded, one: int, other: int, texts: Sequence[str], *, read: bool = True) -> Seeded:
    """Write a conversation, oldest first, in turns of three; everything is read, or nothing is."""
    newest = datetime.now(UTC) - timedelta(minutes=30)
    with closing(sqlite3.connect(_file_of(server), timeout=30)) as database, database:
        (last,) = database.execute("SELECT COALESCE(MAX(id), 0) FROM messages").fetchone()
        ids = range(last + 1, last + 1 + len(texts))
        database.executemany(
            "INSERT INTO messages (id, client_id, sender_id, receiver_id, low_id, high_id, text, search_text,"
            " created_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
            [
                (
                    id_,
                    uuid.uuid4().hex,
                    *((one, other) if index // 3 % 2 else (other, one)),
                    min(one, other),
                    max(one, other),
                    text,
                    searchable(text),
                    _time(newest - EVERY * (len(texts) - index)),
                )
                for index, (id_, text) in enumerate(zip(ids, texts, strict=True))
            ],
        )
        mark = ids[-1] if read else None
        database.executemany(
            "INSERT INTO conversations (user_id, peer_id, read_id, delivered_id) VALUES (?, ?, ?, ?)",
            [(one, other, mark, mark), (other, one, mark, mark)],
        )
        database.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'messages'", (ids[-1],))
    return Seeded(ids)


def attach(server: Embedded, file_id: str, message_id: int) -> None:
    """Put an uploaded file into a message that is there already."""
    with closing(sqlite3.connect(_file_of(server), timeout=30)) as database, database:
        change = "UPDATE attachments SET message_id = ?, position = 0 WHERE id = ?"
        changed = database.execute(change, (message_id, uuid.UUID(file_id).hex))
        assert changed.rowcount == 1


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S.%f")


def _file_of(server: Embedded) -> str:
    return str(server.data_dir / "communication.sqlite3")
