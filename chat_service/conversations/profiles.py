"""Telling people that somebody they talk to has another name, or is gone."""

import asyncio
from contextlib import suppress

import structlog

from chat_service.conversations import queries
from chat_service.conversations.commands import AnnounceProfile
from chat_service.journal.journal import Journal
from shared.bus import USER_CHANGED, Bus, Message
from shared.database import Database
from shared.errors import Problem, is_outage

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 15.0
SWEEP_LIMIT = 100


class ProfileAnnouncer:
    """Announces changed profiles: at once on a hint from auth_service, and by a sweep when the hint was lost."""

    def __init__(self, database: Database, journal: Journal, bus: Bus) -> None:
        self._database = database
        self._journal = journal
        self._bus = bus
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to announce."""
        self._bus.subscribe(USER_CHANGED, self._on_hint)
        self._task = asyncio.create_task(self._run(), name="profiles")

    async def stop(self) -> None:
        """Stop to announce."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _on_hint(self, _: Message) -> None:
        self._woken.set()

    async def _run(self) -> None:
        while True:
            try:
                await self._sweep()
            except Problem as problem:
                log.warning("profiles wait to be announced", code=problem.code)
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("profiles wait to be announced", error=repr(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), SWEEP_SECONDS)
            self._woken.clear()

    async def _sweep(self) -> None:
        async with self._database.read() as connection:
            users = await queries.unannounced_profiles(connection, SWEEP_LIMIT)
        for user_id in users:
            await self._journal.submit(AnnounceProfile(user_id))
