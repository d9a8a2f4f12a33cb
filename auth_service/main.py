"""The composition root of auth_service: everything is made here and handed on; nothing runs at import."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp

from auth_service.accounts.router import router as accounts_router
from auth_service.accounts.service import Accounts
from auth_service.metadata import metadata_router
from auth_service.passwords import Passwords
from auth_service.people.router import router as people_router
from auth_service.people.service import People
from auth_service.sessions.housekeeping import Housekeeping
from auth_service.sessions.router import router as sessions_router
from auth_service.sessions.router import tokens as tokens_router
from auth_service.sessions.service import Sessions
from auth_service.settings import AuthSettings
from shared.bus import Bus, create_bus
from shared.clock import Clock, utc_now
from shared.database import Database
from shared.docs import install_docs
from shared.errors import install_error_handlers
from shared.health import bus_check, database_check, health_router
from shared.metrics import metrics_endpoint
from shared.middleware import ApiHeaders, Authentication, BodyLimit, RequestContext
from shared.rate_limits import RateLimits
from shared.revocation import Revocations
from shared.routing import operation_id
from shared.service import Part, Service
from shared.tokens import Tokens, load_key_ring

PREFIX = "/api/auth"
MAX_BODY_BYTES = 64 * 1024
PUBLIC_PATHS = (
    f"{PREFIX}/register",
    f"{PREFIX}/token",
    f"{PREFIX}/login",
    f"{PREFIX}/refresh",
    f"{PREFIX}/logout",
    f"{PREFIX}/revoke",
    f"{PREFIX}/health",
    f"{PREFIX}/ready",
    "/.well-known/oauth-authorization-server",
    "/metrics",
)


def create_app(
    settings: AuthSettings, *, database: Database | None = None, bus: Bus | None = None, clock: Clock = utc_now
) -> Service:
    """The service for these settings. A database or bus that is passed in is its owner's to start and stop."""
    own_database, own_bus = database is None, bus is None
    database = database or Database(settings.resolved_database_url, pool_size=settings.database_pool_size)
    bus = bus or create_bus(settings.resolved_redis_url)
    ring = load_key_ring(settings)
    tokens = Tokens(ring, clock)
    limits = RateLimits(enabled=settings.rate_limits == "on", redis_url=settings.resolved_redis_url)
    revocations = Revocations(database, bus, clock)
    passwords = Passwords()
    parts: list[Part] = [revocations, Housekeeping(database, settings, clock), *([bus] if own_bus else [])]
    sessions = Sessions(database, settings, ring, tokens, passwords, limits, revocations, bus, clock)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if own_database:
                stack.push_async_callback(database.close)
            stack.callback(passwords.close)
            for part in parts:
                await part.start()
                stack.push_async_callback(part.stop)
            yield

    app = FastAPI(
        title="Communication: auth_service",
        description="Accounts, sessions and tokens. The password grant is for first-party clients only.",
        lifespan=lifespan,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
    )
    app.state.settings = settings
    app.state.sessions = sessions
    app.state.accounts = Accounts(database, passwords, sessions, limits, bus, clock)
    app.state.people = People(database)
    install_error_handlers(app)
    checks = {"database": database_check(database), "bus": bus_check(bus)}
    for router in (
        health_router(PREFIX, checks),
        metadata_router(PREFIX),
        tokens_router,
        sessions_router,
        accounts_router,
        people_router,
    ):
        app.include_router(router)
    app.router.routes.append(Route("/metrics", metrics_endpoint))
    public = (*PUBLIC_PATHS, *install_docs(app, PREFIX))

    asgi: ASGIApp = Authentication(
        app,
        tokens=tokens,
        is_ended=revocations.is_ended,
        routes=lambda: app.router.routes,
        public=public,
        allowed_origins=settings.allowed_origins,
    )
    asgi = BodyLimit(asgi, MAX_BODY_BYTES, {})
    return Service(asgi=RequestContext(ApiHeaders(asgi)), api=app)
