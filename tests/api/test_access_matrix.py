"""Every documented route, for nobody and for the wrong person."""

from typing import Any

import httpx2
import pytest

from tests.api.calls import NOWHERE, bearer, body_to, ok, problem, send, sign_in
from tests.api.conftest import Server
from tests.api.routes import PUBLIC, all_routes
from tests.api.uploads import image, upload
from tests.stack.people import Person

EXPECTED = {
    "GET /api/auth/sessions",
    "DELETE /api/auth/sessions",
    "DELETE /api/auth/sessions/{session_id}",
    "POST /api/auth/password",
    "GET /api/users/me",
    "PATCH /api/users/me",
    "DELETE /api/users/me",
    "GET /api/users",
    "GET /api/users/{user_id}",
    "GET /api/conversations",
    "POST /api/conversations/{user_id}/read",
    "GET /api/messages/{user_id}",
    "POST /api/messages",
    "PATCH /api/messages/{message_id}",
    "DELETE /api/messages/{message_id}",
    "PUT /api/messages/{message_id}/reactions/{emoji}",
    "DELETE /api/messages/{message_id}/reactions/{emoji}",
    "GET /api/blocks",
    "PUT /api/blocks/{user_id}",
    "DELETE /api/blocks/{user_id}",
    "POST /api/files/upload",
    "POST /api/files/access",
    "GET /api/files/{file_id}",
    "GET /api/files/{file_id}/thumbnail",
    "GET /api/search",
    "GET /api/sync",
}


def test_the_documents_list_the_whole_contract(server: Server) -> None:
    listed = {str(route) for route in all_routes(server.base_url)}
    assert listed >= EXPECTED | {" ".join(pair) for pair in PUBLIC}


def test_the_documents_say_which_routes_need_a_token(server: Server, visitor: httpx2.Client) -> None:
    for service in ("auth", "chat"):
        document = ok(visitor.get(f"/api/{service}/openapi.json"))
        schemes = document["components"]["securitySchemes"].values()
        flows = [scheme["flows"]["password"]["tokenUrl"] for scheme in schemes if scheme["type"] == "oauth2"]
        assert flows == ["/api/auth/token"]
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                assert bool(operation.get("security")) is ((method.upper(), path) not in PUBLIC), path


def credentials() -> list[dict[str, str]]:
    return [{}, bearer("a.bad.token"), {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"}]


def test_every_route_but_the_public_needs_a_token(server: Server, visitor: httpx2.Client) -> None:
    bodies = []
    for route in all_routes(server.base_url):
        for headers in credentials():
            answer = visitor.request(route.method, route.path, headers=headers)
            if route.is_public:
                assert answer.status_code != 401, route
                continue
            found = problem(answer, 401)
            assert answer.headers["WWW-Authenticate"] == ('Bearer error="invalid_token"' if headers else "Bearer"), (
                route
            )
            bodies.append({key: value for key, value in found.items() if key != "request_id"})
    assert len(bodies) >= 4 * len(EXPECTED)
    assert all(body == bodies[0] for body in bodies)


def test_a_token_is_asked_for_before_the_body_is_looked_at(server: Server, visitor: httpx2.Client) -> None:
    for route in all_routes(server.base_url):
        if not route.is_public and route.body_kind:
            for content, kind in (
                (b"{", "application/json"),
                (b"x", "text/plain"),
                (b"\x00" * 5000, "multipart/form-data"),
            ):
                problem(visitor.request(route.method, route.path, content=content, headers={"Content-Type": kind}), 401)


def test_an_ended_session_opens_no_route(server: Server, ann: Person, visitor: httpx2.Client) -> None:
    token = sign_in(visitor, ann)["access_token"]
    ok(visitor.post("/api/auth/logout", headers=bearer(token)), 204)
    statuses = {}
    from tests.api.calls import is_over

    assert is_over([server.base_url], token)
    for route in all_routes(server.base_url):
        if not route.is_public:
            statuses[str(route)] = visitor.request(route.method, route.path, headers=bearer(token)).status_code
    assert set(statuses.values()) == {401}, statuses


@pytest.mark.parametrize(
    "header",
    [
        "Bearer {0}  x",
        "Bearer {0},{0}",
        "bearer:{0}",
        "{0}",
        "Token {0}",
        "Bearer\t\t{0}x",
        "Bearer {0}.",
        "Bearer .{0}",
    ],
)
def test_a_malformed_header_is_401(ann: Person, visitor: httpx2.Client, header: str) -> None:
    for path in ("/api/users/me", "/api/conversations"):
        answer = visitor.get(path, headers={"Authorization": header.format(ann.token)})
        problem(answer, 401)
        assert "invalid_token" in answer.headers["WWW-Authenticate"]


def test_two_headers_are_401(ann: Person, bob: Person, visitor: httpx2.Client) -> None:
    for second in (bob.token, ann.token, "x"):
        headers = [("Authorization", f"Bearer {ann.token}"), ("Authorization", f"Bearer {second}")]
        assert visitor.get("/api/conversations", headers=headers).status_code in (400, 401)


@pytest.mark.parametrize("name", ["token", "access_token", "Authorization", "bearer"])
def test_a_token_in_the_url_is_not_read(ann: Person, visitor: httpx2.Client, name: str) -> None:
    for path in ("/api/users/me", "/api/conversations", "/api/sync"):
        problem(visitor.get(path, params={name: ann.token}), 401)


@pytest.mark.parametrize(
    "header",
    ["X-User-Id", "X-Forwarded-User", "Remote-User", "X-Original-Url", "X-Rewrite-Url", "X-HTTP-Method-Override"],
)
def test_no_other_header_says_who_one_is(ann: Person, visitor: httpx2.Client, header: str) -> None:
    problem(visitor.get("/api/users/me", headers={header: str(ann.id)}), 401)
    problem(visitor.get("/api/conversations", headers={header: "/api/chat/health"}), 401)


def test_what_is_others_does_not_exist(ann: Person, bob: Person, eve: Person) -> None:
    attachment = upload(ann, "a.png", image("PNG"))
    message = send(ann, bob, "private", attachment_ids=[attachment["id"]])
    unsent = upload(ann)
    session = ok(ann.client.get("/api/auth/sessions"))[0]["id"]
    path = f"/api/messages/{message['id']}"
    calls: list[tuple[str, str, Any]] = [
        ("PATCH", path, {"text": "x"}),
        ("DELETE", path, None),
        ("PUT", f"{path}/reactions/%F0%9F%91%8D", None),
        ("DELETE", f"{path}/reactions/%F0%9F%91%8D", None),
        ("POST", f"/api/conversations/{ann.id}/read", {"message_id": message["id"]}),
        ("POST", f"/api/conversations/{bob.id}/read", {"message_id": message["id"]}),
        ("POST", "/api/messages", body_to(bob, reply_to_id=message["id"])),
        ("POST", "/api/messages", body_to(bob, attachment_ids=[attachment["id"]])),
        ("POST", "/api/messages", body_to(bob, attachment_ids=[unsent["id"]])),
        ("GET", attachment["url"], None),
        ("GET", attachment["thumbnail_url"], None),
        ("GET", unsent["url"], None),
        ("DELETE", f"/api/auth/sessions/{session}", None),
        ("GET", f"/api/users/{NOWHERE}", None),
        ("PUT", f"/api/blocks/{NOWHERE}", None),
    ]
    for method, target, body in calls:
        problem(eve.client.request(method, target, json=body), 404, "not_found")
    assert ok(bob.client.get(f"/api/messages/{ann.id}", params={"limit": 1}))["items"] == [message]
