"""What a request's log line says is of that request, and not of another one on the same connection."""

import json
import socket
from typing import Any

from tests.harness.processes import LOOPBACK, wait_until
from tests.harness.servers import Stack
from tests.stack.people import SECONDS, Person

SIGNED_IN, ANONYMOUS = "the-signed-in-one", "the-anonymous-one"


def test_requests_of_one_connection_do_not_share_who_is_asking(stack: Stack, ann: Person) -> None:
    """Sent at once, so that the service begins the second from where the first one ends."""
    requests = "".join(
        f"GET /api/users/me HTTP/1.1\r\nHost: here\r\nX-Request-ID: {name}\r\n{credentials}\r\n"
        for name, credentials in (
            (SIGNED_IN, f"Authorization: {ann.headers['Authorization']}\r\n"),
            (ANONYMOUS, ""),
        )
    )
    with socket.create_connection((LOOPBACK, stack.auth.port), timeout=SECONDS) as connection:
        connection.sendall(requests.encode())
        wait_until(lambda: ANONYMOUS in lines(stack), "both log lines")
    assert lines(stack)[SIGNED_IN]["user_id"] == ann.id
    assert "user_id" not in lines(stack)[ANONYMOUS]


def lines(stack: Stack) -> dict[str, dict[str, Any]]:
    """The access lines of auth_service by request id."""
    found = [json.loads(line) for line in stack.auth.process.log().splitlines() if line.startswith("{")]
    return {line["request_id"]: line for line in found if line["logger"] == "access"}
