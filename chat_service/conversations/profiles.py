"""Telling people that somebody they talk to has another name, or is gone."""

from chat_service.conversations import queries
from chat_service.conversations.commands import AnnounceProfile
from chat_service.journal.journal import Journal
from shared.background import Repeating
from shared.bus import USER_CHANGED, Bus, Message
from shared.database import Database

SWEEP_SECONDS = 15.0
SWEEP_LIMIT = 100


class ProfileAnnouncer:
    """Announces changed profiles: at once on a hint from auth_service, and by a sweep when the hint was lost."""

    def __init__(self, database: Database, journal: Journal, bus: Bus) -> None:
        self._database = database
        self._journal = journal
        self._sweeping = Repeating("profiles", self._sweep, every=SWEEP_SECONDS)
        bus.subscribe(USER_CHANGED, self._on_hint)

    async def start(self) -> None:
        """Begin to announce."""
        await self._sweeping.start()

    async def stop(self) -> None:
        """Stop to announce."""
        await self._sweeping.stop()

    def _on_hint(self, _: Message) -> None:
        self._sweeping.wake()

    async def _sweep(self) -> None:
        async with self._database.read() as connection:
            users = await queries.unannounced_profiles(connection, SWEEP_LIMIT)
        for user_id in users:
            await self._journal.submit(AnnounceProfile(user_id))
