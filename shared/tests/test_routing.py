"""Plain routes: asked before FastAPI's layers, and alike in all that a client sees."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI, Request, Response

from shared.errors import NotFound, answer_error, install_error_handlers
from shared.middleware import RequestContext
from shared.routing import PlainRoute, PlainRoutes, Router

plain = Router(tags=["test"], route_class=PlainRoute)
usual = Router(tags=["test"])


@plain.post("/plain")
async def answer(request: Request) -> Response:
    """Says what it was sent, or fails as it is told."""
    body = await request.body()
    if body == b"missing":
        raise NotFound
    if body == b"broken":
        raise ValueError
    return Response(body + request.app.title.encode())


@usual.get("/usual")
async def usual_answer() -> str:
    """FastAPI's own."""
    return "usual"


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI(title="App")
    install_error_handlers(app)
    app.router.routes.extend([*plain.routes, *usual.routes])
    transport = httpx2.ASGITransport(RequestContext(PlainRoutes(app, answer_error)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_the_function_gives_the_answer(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/plain", content=b"to ")).text == "to App"


@pytest.mark.parametrize(
    ("body", "status", "code"), [(b"missing", 404, "not_found"), (b"broken", 500, "internal_error")]
)
async def test_its_errors_are_problems(client: httpx2.AsyncClient, body: bytes, status: int, code: str) -> None:
    problem = await client.post("/plain", content=body)
    assert (problem.status_code, problem.json()["code"]) == (status, code)
    assert problem.json()["request_id"] == problem.headers["X-Request-ID"]


async def test_all_else_is_fastapis(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/usual")).json() == "usual"
    refused = await client.get("/plain")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    assert (await client.get("/openapi.json")).json()["paths"].keys() == {"/plain", "/usual"}
