"""Every route of both services, from their OpenAPI documents, so that no new one is forgotten."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

from tests.api.calls import NOWHERE, new_client, ok

PUBLIC = {
    ("POST", "/api/auth/register"),
    ("POST", "/api/auth/token"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/refresh"),
    ("POST", "/api/auth/logout"),
    ("POST", "/api/auth/revoke"),
    ("GET", "/api/auth/health"),
    ("GET", "/api/auth/ready"),
    ("GET", "/api/chat/health"),
    ("GET", "/api/chat/ready"),
    ("GET", "/.well-known/oauth-authorization-server"),
}
VALUES = {"user_id": str(NOWHERE), "message_id": str(NOWHERE), "emoji": "%F0%9F%91%8D"}
"""For the placeholders in paths; all others are UUIDs."""


@dataclass(frozen=True)
class Route:
    """A method and path, and what it takes."""

    method: str
    template: str
    body_kind: str | None
    schema: dict[str, Any] = field(repr=False, hash=False, compare=False)
    query: tuple[str, ...] = ()

    @property
    def is_public(self) -> bool:
        """Whether it needs no token."""
        return (self.method, self.template) in PUBLIC

    @property
    def path(self) -> str:
        """The path with ids of things that do not exist."""
        path = self.template
        while "{" in path:
            name = path[path.index("{") + 1 : path.index("}")]
            path = path.replace(f"{{{name}}}", VALUES.get(name) or str(uuid4()))
        return path

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


@cache
def all_routes(base_url: str) -> tuple[Route, ...]:
    """What both documents list."""
    found: list[Route] = []
    with new_client(base_url) as client:
        for service in ("auth", "chat"):
            document = ok(client.get(f"/api/{service}/openapi.json"))
            for path, operations in document["paths"].items():
                for method, operation in operations.items():
                    found.append(_route(document, path, method.upper(), operation))
    return tuple(found)


def _route(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Route:
    content = operation.get("requestBody", {}).get("content", {})
    kind = next(iter(content), None)
    schema = _resolved(document, content[kind]["schema"]) if kind else {}
    query = tuple(each["name"] for each in operation.get("parameters", []) if each["in"] == "query")
    return Route(method, path, kind, schema, query)


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    resolved: dict[str, Any] = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return resolved
