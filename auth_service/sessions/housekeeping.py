"""Ending the sessions that are too many, and forgetting what no longer matters: dead ones, and old endings."""

from datetime import timedelta

from auth_service.sessions import queries
from auth_service.sessions.service import Sessions
from auth_service.settings import AuthSettings
from shared.background import Repeating
from shared.clock import Clock, utc_now
from shared.database import Database
from shared.revocation import forget_old_endings

EVERY_SECONDS = 3600.0
KEEP = timedelta(days=1)


class Housekeeping:
    """Runs once an hour, and in any number of processes at once."""

    def __init__(self, database: Database, settings: AuthSettings, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._database = database
        self._idle = timedelta(seconds=settings.refresh_idle_seconds)
        self._sessions = sessions
        self._clock = clock
        self._cleaning = Repeating("session housekeeping", self.clean, every=EVERY_SECONDS)

    async def start(self) -> None:
        """Begin."""
        await self._cleaning.start()

    async def stop(self) -> None:
        """End."""
        await self._cleaning.stop()

    async def clean(self) -> None:
        """End and forget."""
        await self._sessions.end_surplus()
        now = self._clock()
        async with self._database.transaction() as connection:
            await queries.delete_dead(connection, now - KEEP, now - self._idle - KEEP)
            await forget_old_endings(connection, now)
