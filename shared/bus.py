"""Publish and subscribe between processes. It carries hints only: whatever is lost here is healed from the database."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol

import redis.asyncio as redis
import structlog
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError

from shared.background import Repeating, end
from shared.clock import new_uuid

log = structlog.get_logger(__name__)

Message = dict[str, Any]
Handler = Callable[[Message], None]

SESSION_ENDED = "session.ended"
USER_CHANGED = "user.changed"
JOURNAL_MOVED = "journal.moved"
TYPING = "typing"
PRESENCE = "presence"
JOINED = "joined"
"""Said by every process that connects, with what it listens to, and heard by the bus itself."""
WITHHELD = "withheld"
"""Said by a process that was alone until it heard of who joined: what it did not say till then they may have missed."""

PREFIX = b"communication."
"""Of a topic's channel; who listens to no such topic is not bothered with it."""
MAX_WAITING = 10_000
TIMEOUT_SECONDS = 1.0
RECONNECT_SECONDS = 0.5
COUNT_SECONDS = 3.0
"""How often it is counted who listens to what. Where nobody else does, others are told nothing, until one joins."""


class Bus(Protocol):
    """Every subscriber of a topic, in every process and this one too, is called once per message, or not at all."""

    def publish(self, topic: str, message: Message, *, to_others: bool = False) -> None:
        """Hand a message over, or tell other processes only. Never waits and never fails; beyond the bound the oldest
        is dropped.
        """

    def subscribe(self, topic: str, handler: Handler) -> None:
        """Before the start: call `handler` in the event loop for each message. It must not block."""

    def on_connected(self, handler: Callable[[], None]) -> None:
        """Call `handler` whenever messages may have been missed until now."""

    async def start(self) -> None:
        """Begin to deliver."""

    async def stop(self) -> None:
        """Stop to deliver."""

    async def is_ready(self) -> bool:
        """Whether messages reach other processes right now."""


class LocalBus:
    """The bus of a process that is alone."""

    def __init__(self) -> None:
        self._handlers: dict[str, list[Handler]] = defaultdict(list)

    def publish(self, topic: str, message: Message, *, to_others: bool = False) -> None:
        if to_others:
            return
        loop = asyncio.get_running_loop()
        for handler in self._handlers[topic]:
            loop.call_soon(handler, message)

    def subscribe(self, topic: str, handler: Handler) -> None:
        self._handlers[topic].append(handler)

    def on_connected(self, handler: Callable[[], None]) -> None:
        """Nothing is ever missed in one process."""

    async def start(self) -> None:
        """There is nothing to start."""

    async def stop(self) -> None:
        """There is nothing to stop."""

    async def is_ready(self) -> bool:
        return True


class ValkeyBus:
    """The bus between processes, on Valkey's (or Redis's) publish/subscribe.

    Publishing waits in a bounded queue of its own task, so that a hanging server never holds up a request.
    """

    def __init__(self, url: str) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._is_listening = False
        self._client = redis.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS, protocol=2
        )
        # A listener waits for ever by nature: a timeout for its reads would be a reconnect every second.
        self._listener = redis.from_url(
            url, socket_connect_timeout=TIMEOUT_SECONDS, health_check_interval=5, protocol=2
        )
        self._handlers: dict[str, list[Handler]] = defaultdict(list)
        self._connected_handlers: list[Callable[[], None]] = []
        self._outgoing: asyncio.Queue[tuple[bytes, bytes]] = asyncio.Queue(MAX_WAITING)
        self._name = new_uuid().hex
        self._channel = PREFIX + self._name.encode()
        self._own = f'{{"from": "{self._name}", "to_others": true'.encode()
        """How a message begins that is not for this process."""
        self._alone_in: frozenset[str] = frozenset()
        """Topics that nobody else listens to, as far as is known for certain."""
        self._joined: set[str] = set()
        """Topics of those who joined since the last count began."""
        self._counting = Repeating("counting who listens", self._count, every=COUNT_SECONDS)
        self.subscribe(JOINED, self._on_joined)
        self.subscribe(WITHHELD, lambda _: self._tell_connected())

    def publish(self, topic: str, message: Message, *, to_others: bool = False) -> None:
        if to_others and topic in self._alone_in:
            return
        if self._outgoing.full():
            self._outgoing.get_nowait()
        envelope = {"from": self._name, "to_others": to_others, "message": message}
        self._outgoing.put_nowait((PREFIX + topic.encode(), json.dumps(envelope).encode()))

    def subscribe(self, topic: str, handler: Handler) -> None:
        assert not self._tasks, "the channels of this process are known when it connects"
        self._handlers[topic].append(handler)

    def on_connected(self, handler: Callable[[], None]) -> None:
        self._connected_handlers.append(handler)

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._send(), name="bus-send"),
            asyncio.create_task(self._receive(), name="bus-receive"),
        ]
        await self._counting.start()

    async def stop(self) -> None:
        await self._counting.stop()
        for task in self._tasks:
            await end(task)
        await self._client.aclose()
        await self._listener.aclose()

    async def is_ready(self) -> bool:
        try:
            return self._is_listening and bool(await self._client.ping())
        except (RedisError, OSError, TimeoutError):
            return False

    async def _count(self) -> None:
        self._joined.clear()
        channels = {topic: PREFIX + topic.encode() for topic in self._handlers}
        try:
            counts = await self._client.pubsub_numsub(self._channel, *channels.values())
        except (RedisError, OSError, TimeoutError):
            counts = []
        # The one that is counted is this process only if it is subscribed itself, as its own channel shows.
        is_counted = self._is_listening and (self._channel, 1) in counts
        alone = {topic for topic, channel in channels.items() if is_counted and (channel, 1) in counts}
        self._alone_in = frozenset(alone - self._joined)

    def _on_joined(self, message: Message) -> None:
        self._joined.update(message["topics"])
        was_alone = not self._alone_in.isdisjoint(self._joined)
        self._alone_in -= self._joined
        if was_alone:
            self.publish(WITHHELD, {}, to_others=True)

    async def _send(self) -> None:
        # A connection of its own: the client's methods around it take longer than the message.
        connection = self._client.connection_pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            while True:
                message = await self._outgoing.get()
                try:
                    await _say(connection, *message)
                except (RedisError, OSError, TimeoutError) as error:
                    log.warning("bus message lost", error=repr(error))
                    await connection.disconnect(nowait=True)
        finally:
            await connection.disconnect(nowait=True)

    async def _receive(self) -> None:
        while True:
            try:
                await self._listen()
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("bus connection lost", error=repr(error))
            self._is_listening, self._alone_in = False, frozenset()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        async with self._listener.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe(self._channel, *(PREFIX + topic.encode() for topic in self._handlers))
            self._is_listening = True
            self.publish(JOINED, {"topics": list(self._handlers)}, to_others=True)
            self._counting.wake()
            self._tell_connected()
            while True:
                # The timeout gives the health check its turn: a dead peer is noticed although nobody publishes.
                received = await pubsub.get_message(timeout=2 * TIMEOUT_SECONDS)
                if received is not None:
                    self._deliver(received["channel"].removeprefix(PREFIX).decode(), received["data"])

    def _tell_connected(self) -> None:
        for connected in self._connected_handlers:
            connected()

    def _deliver(self, topic: str, payload: bytes) -> None:
        if payload.startswith(self._own):
            return
        try:
            message = json.loads(payload)["message"]
            for handler in self._handlers[topic]:
                handler(message)
        except Exception:  # one message that we cannot read must not cost us all others
            log.exception("a bus message could not be delivered")


async def _say(connection: redis.Connection, channel: bytes, payload: bytes) -> None:
    """Publish, with one more try by a new connection: that the server has ended this one shows only now.

    Else whoever is back first would not hear who joins next.
    """
    for is_last in (False, True):
        try:
            await connection.send_command("PUBLISH", channel, payload)
            await connection.read_response()
        except ConnectionLost:
            await connection.disconnect(nowait=True)
            if is_last:
                raise
        else:
            return


def create_bus(url: str | None) -> Bus:
    """The bus for these settings: in this process alone without a URL."""
    return LocalBus() if url is None else ValkeyBus(url)
