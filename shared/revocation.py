"""Which sessions ended before their access tokens expired.

The table is the truth: it is read at start and once a second after that, so that an ended session is dead in every
process within two seconds whether or not the bus works. A hint on the bus makes it faster.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped, mapped_column

from shared.background import Repeating
from shared.bus import SESSION_ENDED, Bus, Message
from shared.clock import Clock, utc_now
from shared.database import Base, Database

REMEMBER = timedelta(days=1, minutes=1)  # longer than any access token lives
OVERLAP = timedelta(seconds=30)  # a slow transaction may commit an ending that is already this old
POLL_SECONDS = 1.0


class EndedSession(Base):
    """A session that ended by logout, revocation, reuse, password change or account deletion."""

    __tablename__ = "ended_sessions"

    session_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(index=True)


ENDED_SINCE = select(EndedSession.session_id).where(EndedSession.ended_at > bindparam("since"))


class Revocations:
    """The ended sessions, in memory, kept fresh from the table and the bus."""

    def __init__(self, database: Database, bus: Bus, clock: Clock = utc_now) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._ended: dict[UUID, datetime] = {}
        self._listeners: list[Callable[[UUID], None]] = []
        self._loaded_until = clock()
        # Tokens stay verifiable while the database is down; what ended meanwhile is read when it is back.
        self._refreshing = Repeating("revocations", self._refresh, every=POLL_SECONDS)

    def is_ended(self, session_id: UUID) -> bool:
        """Whether tokens of this session must no longer open anything."""
        return session_id in self._ended

    def on_ended(self, listener: Callable[[UUID], None]) -> None:
        """Call `listener` once for every session that ends from now on."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Load what ended lately, then keep up."""
        self._loaded_until = self._clock()
        await self._load(since=self._loaded_until - REMEMBER)
        self._bus.subscribe(SESSION_ENDED, self._on_hint)
        await self._refreshing.start()

    async def stop(self) -> None:
        """Stop keeping up."""
        await self._refreshing.stop()

    def mark(self, session_id: UUID) -> None:
        """Take note of an ending that is committed."""
        if session_id not in self._ended:
            self._ended[session_id] = self._clock()
            for listener in self._listeners:
                listener(session_id)

    def _on_hint(self, message: Message) -> None:
        self.mark(UUID(message["session_id"]))

    async def _load(self, since: datetime) -> None:
        for row in await self._database.fetch(ENDED_SINCE, {"since": since}, reads=True):
            self.mark(row.session_id)

    async def _refresh(self) -> None:
        now = self._clock()
        await self._load(since=self._loaded_until - OVERLAP)
        self._loaded_until = now
        for session_id in [s for s, at in self._ended.items() if at < now - REMEMBER]:
            del self._ended[session_id]


async def forget_old_endings(connection: AsyncConnection, now: datetime) -> None:
    """Delete endings that no living access token can belong to."""
    await connection.execute(delete(EndedSession).where(EndedSession.ended_at < now - REMEMBER))
