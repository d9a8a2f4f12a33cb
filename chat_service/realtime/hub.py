"""All sockets of this process, and how events reach them.

Each connection knows the seq of the last event that it was given. The next one is pushed at once; whenever one is
missing (a replay, a lost hint, a commit of another process) the connection catches up from the database. So there is
one mechanism for all of them, and nobody believes a gap.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from pydantic import BaseModel

from chat_service.journal.events import builder_for, read_events
from chat_service.journal.journal import Committed
from chat_service.journal.queries import read_heads
from chat_service.journal.state import EventType
from chat_service.realtime.connection import Connection
from chat_service.realtime.protocol import Close, HeartbeatFrame, LiveFrame
from shared import metrics
from shared.background import Repeating
from shared.bus import JOURNAL_MOVED, Bus, Message
from shared.database import Database

HEARTBEAT_SECONDS = 25
CHECK_SECONDS = 5.0
"""How long a lost hint can delay an event."""
HEARTBEAT_ROUNDS = int(HEARTBEAT_SECONDS / CHECK_SECONDS)
BATCH_USERS = 100
BATCH_EVENTS = 200


class Hub:
    """Pushes, catches up, and closes."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._by_user: dict[int, set[Connection]] = defaultdict(set)
        self._behind: set[Connection] = set()
        self._rounds = 0
        self._feeding = Repeating("hub feed", self._feed, every=CHECK_SECONDS)
        self._checking = Repeating("hub check", self._check_heads, every=CHECK_SECONDS)

    async def start(self) -> None:
        """Begin to deliver."""
        self._bus.subscribe(JOURNAL_MOVED, self._on_hint)
        self._bus.on_connected(self._catch_up_all)
        await self._feeding.start()
        await self._checking.start()

    async def stop(self) -> None:
        """Stop to deliver."""
        await self._checking.stop()
        await self._feeding.stop()

    def add(self, connection: Connection) -> None:
        """From now on nothing that happens to this person is missed; it is delivered once `follow` is called."""
        self._by_user[connection.user_id].add(connection)
        metrics.SOCKETS.inc()

    def remove(self, connection: Connection) -> None:
        """The socket is gone."""
        self._behind.discard(connection)
        self._by_user[connection.user_id].discard(connection)
        if not self._by_user[connection.user_id]:
            del self._by_user[connection.user_id]
        metrics.SOCKETS.dec()

    def follow(self, connection: Connection) -> None:
        """Give the connection every event after its position, then live ones."""
        connection.is_catching_up = True
        self._behind.add(connection)
        self._feeding.wake()

    def connections(self, user_id: int) -> Iterable[Connection]:
        """This person's sockets in this process."""
        return tuple(self._by_user.get(user_id, ()))

    def is_connected(self, user_id: int) -> bool:
        """Whether this person has a socket in this process."""
        return user_id in self._by_user

    def connected_users(self) -> list[int]:
        """Everybody who has a socket in this process."""
        return list(self._by_user)

    def push_ephemeral(self, user_id: int, frame: BaseModel) -> None:
        """Tell this person's sockets something that may be lost."""
        for connection in self.connections(user_id):
            connection.push_ephemeral(frame)

    def close_session(self, session_id: UUID) -> None:
        """Close the sockets of a session that ended."""
        for connections in list(self._by_user.values()):
            for connection in connections:
                if connection.session_id == session_id:
                    connection.close(Close.SESSION_ENDED)

    def on_committed(self, committed: Committed) -> None:
        """Push events that this process committed itself."""
        builder = None
        for event in committed.events:
            connections = self.connections(event.user_id)
            if not connections:
                continue
            if event.type is EventType.USER_UPDATED:  # rare, and its data is not at hand
                self._note_head(event.user_id, event.seq)
                continue
            builder = builder or committed.builder()
            frame = builder.frame(event)
            for connection in connections:
                if not connection.push_event(event.seq, frame):
                    self.follow(connection)

    def _on_hint(self, message: Message) -> None:
        for user_id, head in message["heads"].items():
            self._note_head(int(user_id), head)

    def _note_head(self, user_id: int, head: int) -> None:
        for connection in self.connections(user_id):
            connection.head = max(connection.head, head)
            if connection.head > connection.position and not connection.is_catching_up:
                self.follow(connection)

    def _catch_up_all(self) -> None:
        for connections in list(self._by_user.values()):
            for connection in connections:
                if not connection.is_catching_up:
                    self.follow(connection)

    async def _feed(self) -> None:
        while ready := [connection for connection in self._behind if connection.has_room]:
            await self._read_for(ready)

    async def _read_for(self, connections: list[Connection]) -> None:
        """One round for many people: everyone's next events in a few statements."""
        after: dict[int, int] = {}
        for connection in connections:
            if len(after) < BATCH_USERS or connection.user_id in after:
                after[connection.user_id] = min(connection.position, after.get(connection.user_id, connection.position))
        noted = {connection: connection.head for connection in connections}
        async with self._database.read() as database:
            events = await read_events(database, after, BATCH_EVENTS)
            builder = await builder_for(database, events)
        frames: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for event in events:
            frames[event.user_id].append((event.seq, builder.frame(event)))
        for connection in connections:
            if connection.user_id in after:
                self._replay(connection, frames[connection.user_id], noted[connection])

    def _replay(self, connection: Connection, frames: list[tuple[int, str]], noted_head: int) -> None:
        for seq, frame in frames:
            connection.replay_event(seq, frame)
        # Less than a full batch means that there was no more, whatever an old hint claims; a newer one is followed.
        is_complete = len(frames) < BATCH_EVENTS and connection.head <= max(noted_head, connection.position)
        if is_complete:
            self._behind.discard(connection)
            connection.is_catching_up = False
            if connection.announces_live:
                connection.announces_live = False
                connection.push(LiveFrame(head=connection.position))

    def on_drained(self, connection: Connection) -> None:
        """A slow replay has room again."""
        if connection in self._behind:
            self._feeding.wake()

    async def _check_heads(self) -> None:
        """Find what the bus lost, and send a heartbeat in its turn."""
        self._rounds += 1
        users = self.connected_users()
        if not users:
            return
        async with self._database.read() as database:
            heads = await read_heads(database, users)
        for user_id, head in heads.items():
            self._note_head(user_id, head)
            if self._rounds % HEARTBEAT_ROUNDS == 0:
                self.push_ephemeral(user_id, HeartbeatFrame(head=head))
