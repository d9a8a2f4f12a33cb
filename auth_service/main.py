"""The composition root of auth_service: everything is made here and handed on; nothing runs at import."""

from auth_service.accounts.router import router as accounts_router
from auth_service.accounts.service import Accounts
from auth_service.metadata import metadata_router
from auth_service.passwords import Passwords
from auth_service.people.router import router as people_router
from auth_service.people.service import People
from auth_service.sessions.housekeeping import Housekeeping
from auth_service.sessions.router import revocation as revocation_router
from auth_service.sessions.router import router as sessions_router
from auth_service.sessions.router import tokens as tokens_router
from auth_service.sessions.service import Sessions
from auth_service.settings import AuthSettings
from shared.bus import Bus, create_bus
from shared.clock import Clock, utc_now
from shared.database import Database
from shared.rate_limits import RateLimits
from shared.revocation import Revocations
from shared.service import Blueprint, Service, assemble
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
    "/.well-known/oauth-authorization-server",
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
    sessions = Sessions(database, settings, ring, tokens, passwords, limits, revocations, bus, clock)
    housekeeping = Housekeeping(database, settings, sessions, clock)
    return assemble(
        Blueprint(
            title="Communication: auth_service",
            description="Accounts, sessions and tokens. The password grant is for first-party clients only.",
            prefix=PREFIX,
            routers=(
                tokens_router,  # asked for most, so they are looked through first
                sessions_router,
                revocation_router,
                accounts_router,
                people_router,
                metadata_router(PREFIX),
            ),
            state={
                "settings": settings,
                "sessions": sessions,
                "accounts": Accounts(database, passwords, sessions, limits, bus, clock),
                "people": People(database),
            },
            parts=(revocations, housekeeping, *((bus,) if own_bus else ())),
            close=(*((database.close,) if own_database else ()), passwords.close),
            tokens=tokens,
            revocations=revocations,
            database=database,
            bus=bus,
            public_paths=PUBLIC_PATHS,
            allowed_origins=settings.allowed_origins,
            max_body_bytes=MAX_BODY_BYTES,
        )
    )
