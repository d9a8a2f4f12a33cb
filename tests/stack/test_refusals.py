"""What nginx refuses by itself looks like what a service refuses."""

import socket
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.harness.servers import Stack
from tests.stack.people import Person

KEYS = {"type", "title", "status", "detail", "code", "request_id"}
MEBIBYTE = 1024 * 1024


def assert_is_problem(answer: httpx2.Response, status: int, code: str) -> None:
    """RFC 9457 with the contract's keys, each header once."""
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem.keys() == KEYS
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers.get_list("X-Request-ID") == [problem["request_id"]]
    assert answer.headers.get_list("X-Content-Type-Options") == ["nosniff"]


def exchange(stack: Stack, request: bytes) -> httpx2.Response:
    """Send bytes that no client library would, and read the answer."""
    with socket.create_connection(("127.0.0.1", urlsplit(stack.base_url).port or 80), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return httpx2.Response(int(status.split()[1]), headers=headers, content=body)


def test_a_body_over_one_mebibyte_is_413(visitor: httpx2.Client) -> None:
    answer = visitor.post("/api/messages", content=b" " * (MEBIBYTE + 1))

    assert_is_problem(answer, 413, "too_large")


def test_a_chunked_body_over_one_mebibyte_is_413(visitor: httpx2.Client) -> None:
    chunks = (b" " * 65536 for _ in range(17))

    assert_is_problem(visitor.post("/api/messages", content=chunks), 413, "too_large")


def test_a_long_address_is_414(visitor: httpx2.Client) -> None:
    assert_is_problem(visitor.get("/api/users?q=" + "a" * 40_000), 414, "uri_too_long")


def test_long_headers_are_431(visitor: httpx2.Client) -> None:
    answer = visitor.get("/api/users", headers={"X-Long": "a" * 40_000})

    assert_is_problem(answer, 431, "headers_too_large")


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(b"nonsense\r\n\r\n", id="not HTTP"),
        pytest.param(b"GET /api/users HTTP/1.1\r\n\r\n", id="no Host"),
        pytest.param(b"GET /api/users HTTP/3.7\r\nHost: a\r\n\r\n", id="a version of the future"),
        pytest.param(b"GET /api/%00 HTTP/1.1\r\nHost: a\r\n\r\n", id="NUL in the path"),
        pytest.param(b"POST /api/x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", id="negative length"),
        pytest.param(b"POST /api/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n", id="unknown encoding"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            id="two lengths",
        ),
    ],
)
def test_what_is_not_http_is_400(stack: Stack, request_bytes: bytes) -> None:
    assert_is_problem(exchange(stack, request_bytes), 400, "bad_request")


@pytest.mark.parametrize(("path", "allowed"), [("/api/users", "PATCH"), ("/login", "GET")])
def test_trace_is_405_and_says_what_is_allowed(visitor: httpx2.Client, path: str, allowed: str) -> None:
    answer = visitor.request("TRACE", path)

    assert_is_problem(answer, 405, "method_not_allowed")
    assert allowed in answer.headers["Allow"].split(", ")


def test_a_page_takes_no_form(visitor: httpx2.Client) -> None:
    answer = visitor.post("/login", data={"username": "x"})

    assert_is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD"


def test_a_service_that_is_down_is_503_and_says_when_to_come_back(stack: Stack, visitor: httpx2.Client) -> None:
    stack.stop_server("auth_service")
    try:
        answer = visitor.get("/api/auth/health")
    finally:
        stack.start_server("auth_service")

    assert_is_problem(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert visitor.get("/api/auth/health").status_code == 200


def test_a_long_upload_passes_and_the_service_says_when_it_is_too_long(ann: Person) -> None:
    accepted = ann.client.post("/api/files/upload", files=[("files", ("a.bin", bytes(3 * MEBIBYTE)))])
    refused = ann.client.post("/api/files/upload", files=[("files", ("b.bin", bytes(26 * MEBIBYTE)))])

    assert (accepted.status_code, accepted.json()[0]["size"]) == (201, 3 * MEBIBYTE)
    assert_is_problem(refused, 413, "too_large")
