"""How errors look, whatever went wrong, and the headers of every answer."""

import re
from typing import Any

import httpx2
import pytest

from tests.api.calls import PROBLEM_KEYS, body_to, ok, problem, sign_in
from tests.api.conftest import Server
from tests.api.routes import all_routes
from tests.stack.people import Person


@pytest.mark.parametrize(
    "path",
    [
        "/api/nothing",
        "/api/auth/nothing",
        "/api/chat/nothing",
        "/api/users/1/nothing",
        "/api/messages/1/2/3",
        "/api/",
        "/api",
        "/api/auth",
        "/api/metrics",
        "/api/conversations/",
        "/api/files",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_404_with_and_without_a_token(
    ann: Person, visitor: httpx2.Client, path: str, method: str
) -> None:
    for client in (ann.client, visitor):
        assert problem(client.request(method, path), 404, "not_found").keys() == PROBLEM_KEYS


def test_a_wrong_method_is_405_and_says_what_is_allowed(server: Server, ann: Person, visitor: httpx2.Client) -> None:
    by_path: dict[str, set[str]] = {}
    for route in all_routes(server.base_url):
        if not route.template.startswith("/."):
            by_path.setdefault(route.template, set()).add(route.method)
    paths = {route.template: route.path for route in all_routes(server.base_url)}
    twins = {"/api/messages/{user_id}": "/api/messages/{message_id}", "/api/users/{user_id}": "/api/users/me"}
    wrong = []
    for template, methods in by_path.items():
        known = methods | by_path.get(twins.get(template, ""), set())
        known |= {method for one, other in twins.items() if other == template for method in by_path[one]}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - known:
            for client in (ann.client, visitor):
                answer = client.request(method, paths[template])
                problem(answer, 405, "method_not_allowed")
                allowed = set(re.split(r",\s*", answer.headers["Allow"]))
                if not methods <= allowed or method in allowed:
                    wrong.append((method, template, answer.headers["Allow"]))
    assert wrong == []


@pytest.mark.parametrize("method", ["TRACE", "FOO", "CONNECTX", "get"])
def test_a_method_of_no_route_is_no_5xx(visitor: httpx2.Client, method: str) -> None:
    assert visitor.request(method, "/api/conversations").status_code in (400, 401, 405)


JSON_ROUTES = [
    ("POST", "/api/messages"),
    ("PATCH", "/api/users/me"),
    ("POST", "/api/auth/password"),
    ("POST", "/api/auth/register"),
]


@pytest.mark.parametrize(("method", "path"), JSON_ROUTES)
@pytest.mark.parametrize(
    "body",
    ["", "{", "[1,", "nul", "'a'", "\ufeff{}x", "{'a': 1}", '{"a": 1}}', "\x00", "[]", "null", "7", '"text"', "{}{}"],
)
def test_malformed_json_is_422(ann: Person, method: str, path: str, body: str) -> None:
    answer = ann.client.request(method, path, content=body, headers={"Content-Type": "application/json"})
    assert isinstance(problem(answer, 422)["errors"], list)


@pytest.mark.parametrize(("method", "path"), JSON_ROUTES)
@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
        "application/octet-stream",
        "text/json",
        None,
    ],
)
def test_a_body_of_another_type_is_415(ann: Person, bob: Person, method: str, path: str, kind: str | None) -> None:
    import json

    content = json.dumps(
        body_to(bob) | {"display_name": "x", "username": "xyz", "email": "x@example.com", "password": "x" * 20}
    )
    headers = {} if kind is None else {"Content-Type": kind}
    problem(ann.client.request(method, path, content=content, headers=headers), 415)


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/json;charset=UTF-8"],
)
def test_json_by_any_of_its_names_is_read(ann: Person, bob: Person, kind: str) -> None:
    import json

    ok(ann.client.post("/api/messages", content=json.dumps(body_to(bob)), headers={"Content-Type": kind}), 201)


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "application/x-www-form-urlencoded", "image/png", None]
)
def test_an_upload_that_is_no_multipart_is_415_or_422(ann: Person, kind: str | None) -> None:
    answer = ann.client.post("/api/files/upload", content=b"{}", headers={"Content-Type": kind} if kind else {})
    problem(answer, 415)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--B",
        b"--B\r\n\r\n",
        b"--B\r\nContent-Disposition: form-data; name=files\r\n\r\nx",
        b"no boundary at all",
        b"--B--\r\n",
        b"\r\n" * 5000,
    ],
)
def test_a_broken_multipart_is_422(ann: Person, body: bytes) -> None:
    problem(
        ann.client.post("/api/files/upload", content=body, headers={"Content-Type": "multipart/form-data; boundary=B"}),
        422,
    )


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "x" * 5000]
)
def test_a_multipart_without_a_good_boundary_is_422(ann: Person, kind: str) -> None:
    problem(ann.client.post("/api/files/upload", content=b"--x--", headers={"Content-Type": kind}), 422)


@pytest.mark.parametrize(("method", "path"), JSON_ROUTES)
def test_a_body_over_a_mebibyte_is_413(ann: Person, method: str, path: str) -> None:
    content = b'{"text": "' + b"x" * (1024 * 1024 + 1) + b'"}'
    problem(
        ann.client.request(method, path, content=content, headers={"Content-Type": "application/json"}),
        413,
        "too_large",
    )


def chunks() -> Any:
    yield b'{"text": "'
    for _ in range(40):
        yield b"x" * 65536


def test_a_body_that_hides_its_length_is_413_too(ann: Person) -> None:
    problem(
        ann.client.post("/api/messages", content=chunks(), headers={"Content-Type": "application/json"}),
        413,
        "too_large",
    )


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_a_compressed_body_is_not_unpacked(ann: Person, encoding: str) -> None:
    import gzip

    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    answer = ann.client.post("/api/messages", content=gzip.compress(b" " * 100_000), headers=headers)
    assert answer.status_code in (415, 422)
    problem(answer, answer.status_code)


CANARY = "canary-7f3a"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/auth/register", {"username": "a", "email": CANARY, "password": CANARY[:7]}),
        ("POST", "/api/auth/register", {CANARY: 1, "username": [CANARY], "email": {CANARY: 1}, "password": [CANARY]}),
        ("POST", "/api/auth/password", {"current_password": [CANARY], "new_password": CANARY[:5]}),
        ("PATCH", "/api/users/me", {"display_name": CANARY * 20}),
        (
            "POST",
            "/api/messages",
            {"receiver_id": CANARY, "text": {"a": CANARY}, "client_id": CANARY, "attachment_ids": [CANARY]},
        ),
        ("PATCH", "/api/messages/1", {"text": [CANARY], "revision": CANARY}),
        ("DELETE", "/api/users/me", {"password": {"x": CANARY}}),
        ("GET", f"/api/users/{CANARY}?limit={CANARY}", None),
        ("GET", f"/api/users?limit={CANARY}&cursor={CANARY}", None),
        ("GET", f"/api/sync?since={CANARY}&epoch={CANARY}", None),
    ],
)
def test_a_422_never_echoes_the_input(ann: Person, method: str, path: str, body: Any) -> None:
    answer = ann.client.request(method, path, json=body)
    problem(answer, 422)
    assert "canary" not in answer.text.lower()


def test_a_malformed_body_is_not_echoed(ann: Person) -> None:
    answer = ann.client.post(
        "/api/messages", content='{"password": canary}', headers={"Content-Type": "application/json"}
    )
    problem(answer, 422)
    assert "canary" not in answer.text


def test_every_answer_has_an_id_of_its_own(server: Server, ann: Person, visitor: httpx2.Client) -> None:
    seen = set()
    for route in all_routes(server.base_url):
        for client in (ann.client, visitor):
            if route.method == "GET":
                seen.add(client.get(route.path).headers["X-Request-ID"])
    for path in ("/", "/login", "/assets/nothing.js", "/api/auth/docs", "/api/chat/openapi.json"):
        seen.add(visitor.get(path).headers["X-Request-ID"])
    assert len(seen) >= 2 * 14


@pytest.mark.parametrize("given", ["x" * 5000, "a b", "<script>", "a;b", "id-\xff", ""])
def test_a_client_cannot_put_nonsense_into_the_request_id(visitor: httpx2.Client, given: str) -> None:
    answer = visitor.get("/api/conversations", headers=[(b"X-Request-ID", given.encode("latin-1"))])
    assert re.fullmatch(r"[A-Za-z0-9-]{8,64}", answer.headers["X-Request-ID"])


def test_json_is_private_and_not_stored(ann: Person) -> None:
    for path in (
        "/api/users/me",
        "/api/users",
        "/api/conversations",
        "/api/sync",
        "/api/blocks",
        "/api/auth/sessions",
        "/api/search?q=x",
    ):
        answer = ann.client.get(path)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not re.search(r"\d+\.\d+", answer.headers.get("Server", "")), "no version"


@pytest.mark.parametrize("service", ["auth", "chat"])
def test_health_and_readiness(visitor: httpx2.Client, service: str) -> None:
    assert ok(visitor.get(f"/api/{service}/health")) == {"status": "ok"}
    ok(visitor.get(f"/api/{service}/ready"))
    assert visitor.get("/metrics").status_code in (200, 404)
    assert "# TYPE" not in visitor.get("/metrics").text


@pytest.mark.parametrize("service", ["auth", "chat"])
def test_the_documentation_needs_no_other_server(visitor: httpx2.Client, service: str) -> None:
    page = visitor.get(f"/api/{service}/docs")
    assert page.status_code == 200
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert links
    for link in links:
        assert link.startswith("/")
        assert visitor.get(link).status_code == 200
    assert "cdn" not in page.text.lower()


def test_a_sign_in_of_the_documentation_works(ann: Person, visitor: httpx2.Client) -> None:
    flow = ok(visitor.get("/api/auth/openapi.json"))["components"]["securitySchemes"]
    (scheme,) = flow.values()
    assert scheme["flows"]["password"]["tokenUrl"] == "/api/auth/token"
    assert sign_in(visitor, ann)["token_type"] == "bearer"
