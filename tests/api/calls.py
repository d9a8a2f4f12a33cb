"""What tests of the API say often: an expected problem, a message, an event, another sign-in."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx2
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.stack.people import SECONDS, Person, receive

Json = dict[str, Any]

PROBLEM_KEYS = {"type", "title", "status", "detail", "code", "request_id"}
OAUTH_KEYS = {"error", "error_description"}
MESSAGE_KEYS = {
    "id",
    "client_id",
    "sender_id",
    "receiver_id",
    "text",
    "attachments",
    "reply_to_id",
    "reactions",
    "created_at",
    "edited_at",
    "deleted_at",
    "revision",
}
USER_KEYS = {"id", "username", "display_name", "created_at"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NOWHERE = 2**53 - 1
"""An id that nobody and nothing has."""
OWN_PAGE = {"X-Requested-With": "fetch"}
REVOKED_WITHIN = 2.0
"""Seconds in which an ended session is over everywhere."""


def new_client(base_url: str, **headers: str) -> httpx2.Client:
    """A client without TLS settings: to load certificates for plain http would take longer than most tests."""
    return httpx2.Client(base_url=base_url, timeout=SECONDS, verify=False, headers=headers)


def problem(answer: httpx2.Response, status: int, code: str | None = None) -> Json:
    """Assert that this is a problem as RFC 9457 and the contract want it; return it."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text[:300]}"
    assert answer.headers["Content-Type"] == "application/problem+json"
    found: Json = answer.json()
    assert found.keys() >= PROBLEM_KEYS
    assert found["status"] == status
    assert isinstance(found["detail"], str)
    assert found["detail"]
    assert re.fullmatch(r"[a-z][a-z0-9_]*", found["code"])
    assert answer.headers.get_list("X-Request-ID") == [found["request_id"]]
    if status == 422:
        for error in found["errors"]:
            assert error.keys() == {"loc", "msg", "type"}
    if code is not None:
        assert found["code"] == code
    return found


def oauth_problem(answer: httpx2.Response, status: int, error: str, code: str | None = None) -> Json:
    """A problem that is an RFC 6749 error too."""
    found = problem(answer, status, code)
    assert found["error"] == error
    assert found["error_description"]
    return found


def ok(answer: httpx2.Response, status: int = 200) -> Any:
    """The body of an answer with this status."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text[:300]}"
    return answer.json() if answer.content else None


def bearer(token: str) -> dict[str, str]:
    """The header of an access token."""
    return {"Authorization": f"Bearer {token}"}


def sign_in(client: httpx2.Client, person: Person) -> Json:
    """A session more for this person."""
    tokens: Json = ok(client.post("/api/auth/token", data=person.login, headers={"Authorization": ""}))
    return tokens


def refresh(client: httpx2.Client, token: str) -> httpx2.Response:
    """Present a refresh token."""
    return client.post("/api/auth/token", data={"grant_type": "refresh_token", "refresh_token": token})


def body_to(receiver: Person | int, text: str | None = "hello", **more: Any) -> Json:
    """The body of a new message."""
    receiver_id = receiver if isinstance(receiver, int) else receiver.id
    return {"receiver_id": receiver_id, "text": text, "client_id": str(uuid4())} | more


def send(sender: Person, receiver: Person, text: str | None = "hello", **more: Any) -> Json:
    """Send a message and return it."""
    message: Json = ok(sender.client.post("/api/messages", json=body_to(receiver, text, **more)), 201)
    return message


def history(me: Person, peer: Person, **query: int) -> Json:
    """A page of our conversation."""
    page: Json = ok(me.client.get(f"/api/messages/{peer.id}", params=query))
    return page


def read_up_to(me: Person, peer: Person, message: Json) -> None:
    """Say that I have read it."""
    ok(me.client.post(f"/api/conversations/{peer.id}/read", json={"message_id": message["id"]}), 204)


def conversation(me: Person, peer: Person) -> Json:
    """My conversation with them, as my list shows it."""
    items = ok(me.client.get("/api/conversations", params={"limit": 100}))["items"]
    (found,) = [item for item in items if item["peer"]["id"] == peer.id]
    return found  # type: ignore[no-any-return]


def position(me: Person) -> dict[str, Any]:
    """Where my journal is now, as the query that asks for what comes after."""
    start = ok(me.client.get("/api/sync"))
    return {"since": start["head"], "epoch": start["epoch"]}


def events_after(me: Person, where: dict[str, Any]) -> list[Json]:
    """What happened to me since."""
    page = ok(me.client.get("/api/sync", params=where))
    assert page["reset"] is False
    return page["events"]  # type: ignore[no-any-return]


def in_parallel(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """The results of calls that run at the same time."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def until(condition: Callable[[], bool], seconds: float = REVOKED_WITHIN) -> bool:
    """Whether it becomes true in this time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.03)
    return True


def is_over(base_urls: Sequence[str], token: str) -> bool:
    """Whether the session of this access token ends in both services within the promised time."""
    with new_client(base_urls[0], **bearer(token)) as client:

        def refused() -> bool:
            paths = ("/api/users/me", *(f"{url}/api/conversations" for url in base_urls))
            return all(client.get(path).status_code == 401 for path in paths)

        return until(refused)


def subprotocols(token: str) -> list[Subprotocol]:
    """How a browser brings its token to a socket."""
    return [Subprotocol("chat.v1"), Subprotocol(f"bearer.{token}")]


@contextmanager
def socket(ws_url: str, token: str) -> Iterator[ClientConnection]:
    """An open socket of this session that has said `ready`."""
    options: dict[str, Any] = {"open_timeout": SECONDS, "close_timeout": 2, "max_queue": None}
    with connect(ws_url, subprotocols=subprotocols(token), **options) as connection:
        receive(connection, "ready")
        yield connection
