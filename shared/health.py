"""Liveness (this process runs) and readiness (what it needs is there)."""

from collections.abc import Awaitable, Callable, Mapping

from fastapi.responses import JSONResponse

from shared.bus import Bus
from shared.database import Database
from shared.errors import Unavailable, is_outage
from shared.routing import Router

Check = Callable[[], Awaitable[bool]]


def health_router(prefix: str, checks: Mapping[str, Check]) -> Router:
    """`{prefix}/health` is 200 while the process runs; `{prefix}/ready` is 503 naming the parts that are down."""
    router = Router(prefix, tags=["health"])

    @router.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/ready")
    async def ready() -> JSONResponse:
        down = [name for name, check in checks.items() if not await check()]
        if down:
            raise Unavailable(f"Not available: {', '.join(down)}.")
        return JSONResponse({"status": "ok"})

    return router


def database_check(database: Database) -> Check:
    """Whether the database answers."""

    async def check() -> bool:
        try:
            async with database.read() as connection:
                await connection.exec_driver_sql("SELECT 1")
        except Exception as error:
            if not is_outage(error):
                raise
            return False
        return True

    return check


def bus_check(bus: Bus) -> Check:
    """Whether other processes hear us."""
    return bus.is_ready
