"""Which service answers a path, and what nginx tells it about the client."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.harness.nginx import Nginx
from tests.harness.processes import wait_until
from tests.harness.servers import DIST, Stack
from tests.stack.people import Person


@pytest.fixture
def gateway_behind_proxy(stack: Stack, tmp_path: Path) -> Iterator[Nginx]:
    """A second gateway to the same services, that trusts a proxy on this machine."""
    upstreams = {"auth_service": [stack.auth.port], "chat_service": [chat.port for chat in stack.chats]}
    with Nginx(tmp_path / "nginx", upstreams=upstreams, root=DIST, trusted_proxies="127.0.0.1, ::1") as nginx:
        yield nginx


def logged_by(stack: Stack, name: str, request_id: str) -> str:
    """The line about a request; it is written just after the answer."""

    def lines() -> list[str]:
        return [line for line in stack.logs(name).splitlines() if request_id in line]

    wait_until(lambda: bool(lines()), f"a log line of {name}", seconds=5)
    return lines()[0]


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/api/auth/nothing", "/api/metrics", "/api/", "/api", "/api/users/1/nothing"]
)
def test_an_unknown_api_path_is_404_with_and_without_a_token(stack: Stack, ann: Person, path: str) -> None:
    for answer in (ann.client.get(path), httpx2.get(stack.base_url + path)):
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers.get_list("X-Request-ID") == [answer.json()["request_id"]]


@pytest.mark.parametrize(
    "path", ["/metrics", "/api/../metrics", "/api/..%2fmetrics", "/api/auth/%2e%2e/%2e%2e/metrics"]
)
def test_no_path_leads_to_the_metrics(stack: Stack, path: str) -> None:
    assert httpx2.get(f"{stack.auth.base_url}/metrics").status_code == 200, "the services do have them"

    with httpx2.Client(base_url=stack.base_url) as client:
        request = client.build_request("GET", "/")
        request.url = request.url.copy_with(raw_path=path.encode())
        answer = client.send(request)

    assert "# TYPE" not in answer.text


def test_both_services_answer(stack: Stack) -> None:
    for path in ("/api/auth/health", "/api/chat/health", "/api/auth/openapi.json", "/api/chat/openapi.json"):
        assert httpx2.get(stack.base_url + path).status_code == 200


def test_api_headers_are_the_service_s_own_and_come_once(ann: Person) -> None:
    headers = ann.client.get("/api/users/me").headers

    for name in (
        "Cache-Control",
        "Content-Security-Policy",
        "Referrer-Policy",
        "X-Content-Type-Options",
        "X-Request-ID",
    ):
        assert len(headers.get_list(name)) == 1, name


def test_a_request_has_one_id_from_nginx_to_the_service_s_log(stack: Stack, ann: Person) -> None:
    answer = ann.client.get("/api/users/me", headers={"X-Request-ID": "chosen-by-the-client"})

    request_id = answer.headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", request_id)
    for name in ("nginx", "auth_service"):
        logged_by(stack, name, request_id)


def test_the_access_log_has_paths_but_no_queries(stack: Stack, ann: Person) -> None:
    request_id = ann.client.get("/api/users", params={"q": "queried-name"}).headers["X-Request-ID"]

    line = json.loads(logged_by(stack, "nginx", request_id))
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/users", "200")
    for name, index in (("nginx", 0), ("auth_service", 0), ("chat_service", 0), ("chat_service", 1)):
        assert "queried-name" not in stack.logs(name, index)


def test_a_client_cannot_choose_its_address(ann: Person) -> None:
    invented = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Real-IP": "203.0.113.9"}

    ann.client.get("/api/users/me", headers=invented)
    sessions = ann.client.get("/api/auth/sessions", headers=invented).json()

    assert {session["ip"] for session in sessions} == {"127.0.0.1"}


def test_a_trusted_proxy_says_who_and_how(gateway_behind_proxy: Nginx, ann: Person) -> None:
    said = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Forwarded-Proto": "https"}

    with httpx2.Client(base_url=gateway_behind_proxy.base_url, headers=said) as browser:
        answer = browser.post("/api/auth/login", data=ann.login)
        token = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        sessions = browser.get("/api/auth/sessions", headers=token).json()

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-refresh_token=")
    assert "; secure" in cookie.lower()
    assert [session["ip"] for session in sessions if session["current"]] == ["203.0.113.9"]


def test_nobody_else_can_say_that_it_is_https(stack: Stack, ann: Person) -> None:
    said = {"X-Forwarded-Proto": "https"}

    answer = httpx2.post(f"{stack.base_url}/api/auth/login", data=ann.login, headers=said)

    assert answer.headers["Set-Cookie"].startswith("refresh_token=")


def test_a_file_s_ranges_and_etag_pass_through(ann: Person) -> None:
    uploaded = ann.client.post("/api/files/upload", files=[("files", ("a.txt", b"0123456789" * 300))]).json()[0]

    part = ann.client.get(uploaded["url"], headers={"Range": "bytes=10-14"})
    again = ann.client.get(uploaded["url"], headers={"If-None-Match": part.headers["ETag"]})

    assert (part.status_code, part.content, again.status_code) == (206, b"01234", 304)
    assert part.headers["Content-Range"] == "bytes 10-14/3000"
    assert "Content-Encoding" not in ann.client.get(uploaded["url"]).headers
