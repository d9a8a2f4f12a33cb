"""What no client sends by accident, at every place that takes input: refused, never a 5xx, never believed."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from tests.api.calls import USER_KEYS, bearer, body_to, ok, problem, send, sign_in
from tests.api.conftest import Newcomer, Server
from tests.api.nasty import CURSORS, RAW_VALUES, WHOLE_BODIES
from tests.api.routes import Route, all_routes
from tests.stack.people import Person

JSON_TYPE = {"Content-Type": "application/json"}


def json_routes(server: Server) -> list[Route]:
    return [route for route in all_routes(server.base_url) if route.body_kind == "application/json"]


@pytest.fixture(scope="module")
def own_places(ann: Person, bob: Person) -> dict[str, str]:
    """Paths with things that exist, so that a body is looked at closely."""
    message = send(ann, bob)
    return {"user_id": str(bob.id), "message_id": str(message["id"])}


@pytest.fixture(scope="module")
def victim(newcomer: Newcomer) -> Person:
    """Whose account the hostile bodies are sent from."""
    return newcomer()


def target(route: Route, places: dict[str, str]) -> str:
    path = route.template
    for name, value in places.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def valid_body(route: Route, person: Person) -> dict[str, Any]:
    whole = body_to(person) | {
        "username": "hostile-body",
        "email": "hostile@example.com",
        "password": "not the password",
        "display_name": "x",
        "current_password": "not the password",
        "new_password": "another-Passw0rd",
        "message_id": 1,
        "revision": 1,
        "text": "x",
        "reply_to_id": None,
        "attachment_ids": [],
        "receipts": True,
    }
    return {name: whole[name] for name in route.schema["properties"]}


def broken_bodies(route: Route, person: Person) -> Iterator[tuple[str, bytes]]:
    """A good body with one hostile value, for every field and value."""
    good = valid_body(route, person)
    for field in good:
        for name, raw in RAW_VALUES.items():
            text = json.dumps(good | {field: "@@"}).replace('"@@"', raw)
            yield f"{field}: {name}", text.encode()


def test_no_value_in_any_field_breaks_a_route(
    server: Server, ann: Person, bob: Person, own_places: dict[str, str]
) -> None:
    wrong = {}
    for route in json_routes(server):
        for name, body in broken_bodies(route, bob):
            status = status_of(ann.client, route, own_places, body)
            if route.template == "/api/users/me" and route.method == "DELETE" and status == 204:
                pytest.fail(f"{name} deleted the account")
            is_refused = 400 <= status < 500
            harmless = ("null", "noncharacters", "empty text", "a number as text", "60,000 characters", "list", "NUL")
            if status >= 500 or not (
                is_refused or name.partition(": ")[2] in (*harmless, "beyond int32") or name == "receipts: true"
            ):
                wrong[f"{route} {name}"] = status
    assert wrong == {}


def status_of(client: httpx2.Client, route: Route, places: dict[str, str], body: bytes, **headers: str) -> int:
    for _ in range(2):  # a connection that was closed after the answer before is no answer to this
        try:
            path = target(route, places)
            return client.request(route.method, path, content=body, headers=JSON_TYPE | headers).status_code
        except httpx2.TransportError:
            continue
    return 599


def test_lone_surrogates_and_nul_are_422_everywhere(
    server: Server, ann: Person, bob: Person, own_places: dict[str, str]
) -> None:
    wrong = {}
    for route in json_routes(server):
        for field in valid_body(route, bob):
            for name in ("lone surrogate", "surrogates the wrong way", "NUL"):
                body = json.dumps(valid_body(route, bob) | {field: "@@"}).replace('"@@"', RAW_VALUES[name]).encode()
                status = status_of(ann.client, route, own_places, body)
                if status != 422 and not (name == "NUL" and "password" in field):
                    wrong[f"{route} {field}: {name}"] = status
    assert wrong == {}


def test_no_body_breaks_any_route(server: Server, ann: Person, own_places: dict[str, str]) -> None:
    wrong = {}
    for route in all_routes(server.base_url):
        if route.method in ("GET",) or route.template in ("/api/auth/logout", "/api/auth/refresh"):
            continue
        for name, body in WHOLE_BODIES.items():
            status = status_of(ann.client, route, {"user_id": "1", "message_id": "1"}, body)
            if route.body_kind == "application/json":
                empty_change = route.method == "PATCH" and route.template in ("/api/users/me", "/api/preferences")
                if not 400 <= status < 500 and not (empty_change and name in ("many keys", "doubled keys")):
                    wrong[f"{route} {name}"] = status
            elif status >= 500:
                wrong[f"{route} {name}"] = status
            if route.method == "DELETE" and route.body_kind is None:
                break
    assert wrong == {}


def test_no_query_breaks_any_route(server: Server, ann: Person) -> None:
    values = [
        "",
        "\x00",
        "\x00" * 50,
        "9" * 5_000,
        "-1",
        "1e400",
        "NaN",
        "[]",
        "{}",
        "'\"",
        "%",
        "_",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    ]
    values += [
        "x" * 6_000,
        "null",
        "undefined",
        "../..",
        "1;DROP TABLE users",
        "\u202e",
        "٣",
        "true",
        " 5 ",
        "+5",
        "0x5",
    ]
    wrong = {}
    for route in all_routes(server.base_url):
        if route.method != "GET" or route.template.startswith("/."):
            continue
        for name in route.query:
            for value in values:
                answer = ann.client.get(route.path, params={name: value})
                if answer.status_code >= 500:
                    wrong[f"{route} {name}={value[:20]!r}"] = answer.status_code
            raw = ann.client.get(f"{route.path}?{name}=%ff%fe%ed%a0%80&{name}=%&{name}=%zz&{name}")
            if raw.status_code >= 500:
                wrong[f"{route} {name} raw"] = raw.status_code
    assert wrong == {}


@pytest.mark.parametrize("path", ["/api/users", "/api/conversations", "/api/search?q=x"])
def test_a_made_up_cursor_is_422(ann: Person, path: str) -> None:
    wrong = {}
    for cursor in CURSORS:
        try:
            status = ann.client.get(f"{path}{'&' if '?' in path else '?'}cursor={quote(cursor)}").status_code
        except httpx2.TransportError:
            status = 599
        if status != 422:
            wrong[cursor] = status
    assert wrong == {}


@pytest.mark.parametrize(
    "path",
    [
        "/api/users/%00",
        "/api/messages/%00",
        "/api/messages/1/reactions/%00",
        "/api/files/%00",
        "/api/auth/sessions/%00",
        "/api/blocks/%00",
        "/api/%00",
        "/api/users/%ff",
        "/api/users/..%2f..%2fetc",
        "/api/files/%2e%2e%2f%2e%2e",
        "/api//users",
        "/api/users/;x=1",
        "/api/users/%252e",
        "/api/users/%c0%ae",
        "/api/messages/" + "9" * 400,
        "/api/users/" + "x" * 7000,
        "/api/messages/-0",
        "/api/users/1%0a",
        "/api/messages/1/reactions/%ed%a0%80",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_no_path_breaks_a_route(ann: Person, path: str, method: str) -> None:
    request = ann.client.build_request(method, "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    answer = ann.client.send(request)
    # a gateway may resolve encoded dots before it looks for the route, and then it is a page that was asked for
    is_page = ("%2f" in path or "%2e" in path) and answer.headers["Content-Type"].startswith("text/html")
    assert 400 <= answer.status_code < 500 or (answer.status_code == 200 and is_page)


def test_a_huge_query_is_refused(ann: Person) -> None:
    assert ann.client.get("/api/users", params={"q": "x" * 20_000}).status_code in (400, 414, 422, 431)
    assert ann.client.get("/api/users?" + "&".join(f"a{number}=1" for number in range(1_500))).status_code in (
        200,
        400,
        414,
        422,
        431,
    )


def test_huge_headers_are_refused(ann: Person) -> None:
    for headers in (
        {"X-Long": "x" * 20_000},
        {"Cookie": "a=" + "b" * 20_000},
        {f"X-{number}": "x" for number in range(300)},
    ):
        with suppress(httpx2.TransportError):  # a closed connection is an answer too
            assert ann.client.get("/api/conversations", headers=headers).status_code < 500


@pytest.mark.parametrize(
    "cookie",
    [
        "=",
        ";;;;",
        "a",
        "refresh_token",
        "file_access=",
        'file_access="',
        "a=b;" * 200,
        "file_access=\x7f",
        "\xff=\xff",
        "file_access=a; file_access=b",
    ],
)
def test_no_cookie_breaks_a_route(ann: Person, visitor: httpx2.Client, cookie: str) -> None:
    headers = [(b"Cookie", cookie.encode("latin-1")), (b"X-Requested-With", b"fetch")]
    for method, path in (
        ("GET", "/api/conversations"),
        ("GET", "/api/files/00000000-0000-0000-0000-000000000000"),
        ("POST", "/api/auth/refresh"),
        ("POST", "/api/auth/logout"),
    ):
        assert visitor.request(method, path, headers=headers).status_code < 500


@pytest.mark.parametrize(
    "origin",
    ["http://[::1", "http://[", "//", "http://\xff", "http://a:b:c", "http://a:99999999", "x" * 3_000, "http://[v1.x]"],
)
def test_no_origin_breaks_a_route(visitor: httpx2.Client, origin: str) -> None:
    headers = [(b"Origin", origin.encode("latin-1")), (b"X-Requested-With", b"fetch"), (b"Cookie", b"refresh_token=x")]
    for path in ("/api/auth/refresh", "/api/auth/logout"):
        assert visitor.request("POST", path, headers=headers).status_code == 403


def test_doubled_keys_never_smuggle_a_value(ann: Person, bob: Person) -> None:
    body = json.dumps(body_to(bob))[:-1] + ', "text": " "}'
    answer = ann.client.post("/api/messages", content=body, headers=JSON_TYPE)
    assert answer.status_code in (201, 422)
    if answer.status_code == 201:
        assert answer.json()["text"].strip()


def test_prototype_keys_are_ignored(victim: Person, bob: Person) -> None:
    body = body_to(bob) | {"__proto__": {"sender_id": bob.id}, "constructor": 1, "__class__": "x", "sender": bob.id}
    assert ok(victim.client.post("/api/messages", json=body), 201)["sender_id"] == victim.id
    changed = ok(
        victim.client.patch("/api/users/me", json={"__proto__": 1, "email": "x@example.com", "is_admin": True})
    )
    assert changed.keys() == USER_KEYS | {"email"}
    assert changed["email"] == f"{victim.name}@example.com"


def test_the_services_are_well_after_all_this(ann: Person, bob: Person, visitor: httpx2.Client) -> None:
    send(ann, bob, "still here")
    token = sign_in(visitor, ann)["access_token"]
    ok(visitor.get("/api/conversations", headers=bearer(token)))
    for service in ("auth", "chat"):
        ok(visitor.get(f"/api/{service}/ready"))
    problem(visitor.get("/api/nothing"), 404)
