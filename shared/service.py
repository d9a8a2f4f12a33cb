"""How a service is put together: one frame around different routers. The composition roots are the `main.py` files."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from fastapi import Depends, FastAPI, Request
from starlette.datastructures import State
from starlette.routing import Route
from starlette.types import ASGIApp

from shared.bus import Bus
from shared.database import Database
from shared.docs import install_docs
from shared.errors import answer_error, install_error_handlers
from shared.health import bus_check, database_check, health_router
from shared.metrics import metrics_endpoint
from shared.middleware import ApiHeaders, Authentication, BodyLimit, Credentials, RequestContext
from shared.revocation import Revocations
from shared.routing import PlainRoutes, Router, operation_id
from shared.tokens import Tokens


class Part(Protocol):
    """Something that runs for as long as its service does."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End."""


@dataclass(frozen=True)
class Service:
    """An application wrapped in its middleware, and the plain FastAPI app inside it."""

    asgi: ASGIApp
    api: FastAPI


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """What one service is made of."""

    title: str
    description: str
    prefix: str
    """Where its own pages are: health, OpenAPI, Swagger UI."""
    routers: Sequence[Router]
    state: Mapping[str, Any]
    """What its routes find with `from_state`."""
    parts: Sequence[Part]
    """Started in this order, stopped in the reverse one."""
    close: Sequence[Callable[[], Any]] = ()
    """Called after that; the last one first. What is awaitable is awaited."""
    tokens: Tokens
    revocations: Revocations
    database: Database
    bus: Bus
    public_paths: Iterable[str] = ()
    """Routes for strangers; everything else needs an access token."""
    allowed_origins: Iterable[str] = ()
    other_credentials: Credentials | None = None
    max_body_bytes: int
    larger_bodies: Mapping[str, int] = field(default_factory=dict)
    """Paths that may have more, and how much. One that ends with a slash stands for all below it."""


def assemble(blueprint: Blueprint) -> Service:
    """The application: routes, errors, docs and health inside, middleware around it."""
    app = FastAPI(
        title=blueprint.title,
        description=blueprint.description,
        lifespan=_lifespan(blueprint),
        openapi_url=f"{blueprint.prefix}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # what is counted is in shared.metrics
        generate_unique_id_function=operation_id,
    )
    app.state = State(dict(blueprint.state))
    install_error_handlers(app)
    checks = {"database": database_check(blueprint.database), "bus": bus_check(blueprint.bus)}
    for router in (*blueprint.routers, health_router(blueprint.prefix, checks)):
        app.router.routes.extend(router.routes)
    app.router.routes.append(Route("/metrics", metrics_endpoint))
    public = {f"{blueprint.prefix}/health", f"{blueprint.prefix}/ready", "/metrics", *blueprint.public_paths}
    return Service(asgi=_wrap(app, blueprint, public | set(install_docs(app, blueprint.prefix))), api=app)


def _wrap(app: FastAPI, blueprint: Blueprint, public: set[str]) -> ASGIApp:
    asgi: ASGIApp = Authentication(
        PlainRoutes(app, answer_error),
        tokens=blueprint.tokens,
        is_ended=blueprint.revocations.is_ended,
        routes=lambda: app.router.routes,
        public=public,
        allowed_origins=blueprint.allowed_origins,
        other_credentials=blueprint.other_credentials,
    )
    asgi = BodyLimit(asgi, blueprint.max_body_bytes, blueprint.larger_bodies)
    return RequestContext(ApiHeaders(asgi))


def _lifespan(blueprint: Blueprint) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for close in blueprint.close:
                stack.push_async_callback(_call, close)
            for part in blueprint.parts:
                await part.start()
                stack.push_async_callback(part.stop)
            yield

    return lifespan


async def _call(close: Callable[[], Any]) -> None:
    result = close()
    if result is not None:
        await result


def from_state(name: str) -> Any:  # noqa: ANN401 -- the alias that it stands in says the type
    """A dependency on what the composition root has put into the state under this name."""

    async def find(request: Request) -> Any:  # noqa: ANN401 -- async, or it would go by way of a thread
        return getattr(request.app.state, name)

    return Depends(find)
