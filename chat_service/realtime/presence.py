"""Who is there. Processes tell each other on the bus; nothing of it is kept but when somebody was last seen."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

import structlog
from sqlalchemy import BigInteger, Insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_service.journal.journal import Committed
from chat_service.models import BlockRow, LastSeenRow
from chat_service.realtime.connection import Connection
from chat_service.realtime.protocol import PresenceNotice
from shared.background import Repeating
from shared.bus import PRESENCE, Bus, Message
from shared.clock import Clock, monotonic, new_uuid, utc_now
from shared.database import Database, UtcDateTime, upsert_from
from shared.errors import is_outage
from shared.rows import Rows

log = structlog.get_logger(__name__)

SNAPSHOT_SECONDS = 15.0
FORGET_SECONDS = 40.0
SEEN = Rows("seen", user_id=BigInteger(), at=UtcDateTime())


@dataclass(slots=True)
class _Process:
    """What another process last said."""

    online: set[int] = field(default_factory=set)
    heard_at: float = 0.0


class Presence:
    """Online means: has a socket in some process. A process that falls silent is forgotten after 40 seconds."""

    def __init__(self, database: Database, bus: Bus, clock: Clock = utc_now) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._name = new_uuid().hex
        self._sockets: Counter[int] = Counter()
        """How many accepted sockets each person has in this process."""
        self._others: dict[str, _Process] = defaultdict(_Process)
        self._watchers: dict[int, set[Connection]] = defaultdict(set)
        self._hidden: dict[int, set[Connection]] = defaultdict(set)
        """Who would watch somebody, if no block stood between them."""
        self._left: dict[int, datetime] = {}
        """Whose last socket closed, and when; it is not written down yet."""
        self._writing: asyncio.Task[None] | None = None
        self._telling = Repeating("presence", self._tell_and_forget, every=SNAPSHOT_SECONDS)

    async def start(self) -> None:
        """Begin to listen and to tell."""
        self._bus.subscribe(PRESENCE, self._on_message)
        self._bus.on_connected(self._tell_all)
        await self._telling.start()

    async def stop(self) -> None:
        """Stop, when those who left are written down."""
        await self._telling.stop()
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=2)

    def connected(self, connection: Connection) -> None:
        """A socket is there now."""
        self._sockets[connection.user_id] += 1
        if self._sockets[connection.user_id] == 1:
            self._publish(came=[connection.user_id])
            self._notify(connection.user_id, online=True, last_seen=None)

    def disconnected(self, connection: Connection) -> None:
        """A socket is gone."""
        self._unwatch(connection)
        self._sockets[connection.user_id] -= 1
        if not self._sockets[connection.user_id]:
            del self._sockets[connection.user_id]
            self._left[connection.user_id] = self._clock()
            if self._writing is None:
                self._writing = asyncio.create_task(self._write_down(), name="last seen")

    async def _write_down(self) -> None:
        """Everybody who left meanwhile, together: thousands can be cut off at once."""
        while self._left:
            left, self._left = self._left, {}
            try:
                async with self._database.transaction() as connection:
                    rows = SEEN.parameters(connection, sorted(left.items()))
                    await connection.execute(_store_seen(connection.dialect.name), rows)
            except Exception as error:  # being seen is not worth an error to anybody
                if not is_outage(error):
                    log.exception("last seen could not be stored")
            for user_id, at in left.items():
                if user_id not in self._sockets:
                    self._publish(went=[user_id], at=at.isoformat())
                    self._notify(user_id, online=self.is_online(user_id), last_seen=at)
        self._writing = None

    def is_online(self, user_id: int) -> bool:
        """Whether this person has a socket anywhere."""
        return user_id in self._sockets or any(user_id in other.online for other in self._others.values())

    async def watch(self, connection: Connection, user_ids: Sequence[int]) -> None:
        """Tell this connection about these people, now and from now on. Whom a block stands between is never there."""
        async with self._database.read() as database:
            hidden = await _hidden_from(database, connection.user_id, user_ids)
            seen = await _last_seen(database, user_ids)
        self._unwatch(connection)
        for user_id in user_ids:
            connection.watched.add(user_id)
            if user_id in hidden:
                self._hidden[user_id].add(connection)
                connection.push_ephemeral(PresenceNotice(user_id=user_id, online=False, last_seen_at=None))
                continue
            self._watchers[user_id].add(connection)
            connection.push_ephemeral(_notice(user_id, online=self.is_online(user_id), last_seen=seen.get(user_id)))

    def on_committed(self, committed: Committed) -> None:
        """Whoever blocks or is blocked stops seeing the other at once, in every process, and sees them again after."""
        state = committed.state
        hide = sorted(state.new_blocks)
        show = sorted(pair for pair in state.removed_blocks if not state.is_blocked(*pair))
        if hide or show:
            self._bus.publish(PRESENCE, {"process": self._name, "hide": hide, "show": show})

    def _unwatch(self, connection: Connection) -> None:
        for user_id in connection.watched:
            for watchers in (self._watchers, self._hidden):
                watchers[user_id].discard(connection)
                if not watchers[user_id]:
                    del watchers[user_id]
        connection.watched.clear()

    def _notify(self, user_id: int, *, online: bool, last_seen: datetime | None) -> None:
        for watcher in tuple(self._watchers.get(user_id, ())):
            watcher.push_ephemeral(_notice(user_id, online=online, last_seen=last_seen))

    def _publish(self, came: Iterable[int] = (), went: Iterable[int] = (), at: str | None = None) -> None:
        self._bus.publish(PRESENCE, {"process": self._name, "came": list(came), "went": list(went), "at": at})

    def _tell_all(self) -> None:
        self._bus.publish(PRESENCE, {"process": self._name, "all": list(self._sockets)})

    async def _tell_and_forget(self) -> None:
        self._tell_all()
        for name in [n for n, other in self._others.items() if other.heard_at < monotonic() - FORGET_SECONDS]:
            for user_id in self._others.pop(name).online:
                if not self.is_online(user_id):
                    self._notify(user_id, online=False, last_seen=self._clock())

    def _on_message(self, message: Message) -> None:
        for one, other in message.get("hide", ()):
            self._hide(one, other)
            self._hide(other, one)
        for one, other in message.get("show", ()):
            self._show(one, other)
            self._show(other, one)
        if message["process"] == self._name:
            return
        other_process = self._others[message["process"]]
        other_process.heard_at = monotonic()
        before = set(other_process.online)
        if "all" in message:
            other_process.online = set(message["all"])
        other_process.online |= set(message.get("came", ()))
        other_process.online -= set(message.get("went", ()))
        at = message.get("at")
        for user_id in other_process.online ^ before:
            seen = datetime.fromisoformat(at) if at else self._clock()
            self._notify(user_id, online=self.is_online(user_id), last_seen=seen)

    def _hide(self, watched: int, watcher_id: int) -> None:
        for watcher in [w for w in self._watchers.get(watched, ()) if w.user_id == watcher_id]:
            self._watchers[watched].discard(watcher)
            self._hidden[watched].add(watcher)
            watcher.push_ephemeral(PresenceNotice(user_id=watched, online=False, last_seen_at=None))

    def _show(self, watched: int, watcher_id: int) -> None:
        for watcher in [w for w in self._hidden.get(watched, ()) if w.user_id == watcher_id]:
            self._hidden[watched].discard(watcher)
            self._watchers[watched].add(watcher)
            watcher.push_ephemeral(_notice(watched, online=self.is_online(watched), last_seen=None))


def _notice(user_id: int, *, online: bool, last_seen: datetime | None) -> PresenceNotice:
    seen = None if online or last_seen is None else last_seen.isoformat().replace("+00:00", "Z")
    return PresenceNotice(user_id=user_id, online=online, last_seen_at=seen)


@cache
def _store_seen(dialect: str) -> Insert:
    return upsert_from(dialect, LastSeenRow, SEEN)


async def _hidden_from(connection: AsyncConnection, user_id: int, others: Sequence[int]) -> set[int]:
    statement = select(BlockRow.blocker_id, BlockRow.blocked_id).where(
        or_(
            (BlockRow.blocker_id == user_id) & BlockRow.blocked_id.in_(others),
            (BlockRow.blocked_id == user_id) & BlockRow.blocker_id.in_(others),
        )
    )
    return {person for row in await connection.execute(statement) for person in row if person != user_id}


async def _last_seen(connection: AsyncConnection, users: Sequence[int]) -> dict[int, datetime]:
    rows = await connection.execute(select(LastSeenRow.user_id, LastSeenRow.at).where(LastSeenRow.user_id.in_(users)))
    return {row.user_id: row.at for row in rows}
