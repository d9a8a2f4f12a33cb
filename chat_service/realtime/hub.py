"""All sockets of this process, and how events reach them.

Each connection knows the seq of the last event that it was given. The next one is pushed at once; whenever one is
missing (a replay, a lost hint, a commit of another process) the connection catches up from the database. So there is
one mechanism for all of them, and nobody believes a gap.
"""

from collections import defaultdict
from uuid import UUID

from pydantic import BaseModel

from chat_service.journal.events import builder_for, read_events
from chat_service.journal.journal import Committed
from chat_service.journal.queries import read_present_starts
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
        # Who has to catch up, in turn: a dict, because it keeps its order and forgets in one step.
        self._behind: dict[Connection, None] = {}
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
        self._behind.pop(connection, None)
        self._by_user[connection.user_id].discard(connection)
        if not self._by_user[connection.user_id]:
            del self._by_user[connection.user_id]
        metrics.SOCKETS.dec()

    def follow(self, connection: Connection) -> None:
        """Give the connection every event after its position, then live ones."""
        connection.is_catching_up = True
        self._behind[connection] = None
        self._feeding.wake()

    def connections(self, user_id: int) -> tuple[Connection, ...]:
        """This person's sockets in this process."""
        return tuple(self._by_user.get(user_id, ()))

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
                # Nothing else is about to be written to somebody who has the answer.
                if not connection.push_event(event.seq, frame, at_once=committed.is_answered):
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
        while turn := self._next_turn():
            await self._read_for(turn)

    def _next_turn(self) -> dict[int, Connection]:
        """Those who waited longest, one socket a person: each reads from its own position."""
        turn: dict[int, Connection] = {}
        for connection in self._behind:
            if len(turn) == BATCH_USERS:
                break
            if connection.has_room:
                turn.setdefault(connection.user_id, connection)
        return turn

    async def _read_for(self, turn: dict[int, Connection]) -> None:
        """One round for many people: everyone's next events in a few statements."""
        noted = {user_id: connection.head for user_id, connection in turn.items()}
        async with self._database.read() as database:
            positions = {user_id: connection.position for user_id, connection in turn.items()}
            events = await read_events(database, positions, BATCH_EVENTS)
            builder = await builder_for(database, events)
        frames: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
        for event in events:
            frames[event.user_id].append((event.seq, builder.frame(event)))
        for user_id, connection in turn.items():
            self._replay(connection, frames[user_id], noted[user_id])

    def _replay(self, connection: Connection, frames: list[tuple[int, bytes]], noted_head: int) -> None:
        for seq, frame in frames:
            connection.replay_event(seq, frame)
        if connection not in self._behind:  # it is gone meanwhile
            return
        del self._behind[connection]
        # Less than a full batch means that there was no more, whatever an old hint claims; a newer one is followed.
        if len(frames) == BATCH_EVENTS or connection.head > max(noted_head, connection.position):
            self._behind[connection] = None
            return
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
        _, heads = await read_present_starts(self._database, users)
        for user_id, head in heads.items():
            self._note_head(user_id, head)
            if self._rounds % HEARTBEAT_ROUNDS == 0:
                self.push_ephemeral(user_id, HeartbeatFrame(head=head))
