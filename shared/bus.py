"""Publish and subscribe between processes. It carries hints only: whatever is lost here is healed from the database."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol

import redis.asyncio as redis
import structlog
from redis.exceptions import RedisError

from shared.background import end
from shared.clock import monotonic, new_uuid

log = structlog.get_logger(__name__)

Message = dict[str, Any]
Handler = Callable[[Message], None]

SESSION_ENDED = "session.ended"
USER_CHANGED = "user.changed"
JOURNAL_MOVED = "journal.moved"
TYPING = "typing"
PRESENCE = "presence"
HERE = "here"
"""Said by every process, and heard by the bus itself."""

CHANNEL = "communication"
MAX_WAITING = 10_000
TIMEOUT_SECONDS = 1.0
RECONNECT_SECONDS = 0.5
HERE_SECONDS = 3.0
ALONE_SECONDS = 10.0
"""Who has heard of no other process for so long tells others nothing, until one says that it is here."""


class Bus(Protocol):
    """Every subscriber of a topic, in every process and this one too, is called once per message, or not at all."""

    def publish(self, topic: str, message: Message, *, to_others: bool = False) -> None:
        """Hand a message over, or tell other processes only. Never waits and never fails; beyond the bound the oldest
        is dropped.
        """

    def subscribe(self, topic: str, handler: Handler) -> None:
        """Call `handler` in the event loop for each message. It must not block."""

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
        self._client = redis.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS, protocol=2
        )
        # A listener waits for ever by nature: a timeout for its reads would be a reconnect every second.
        self._listener = redis.from_url(
            url, socket_connect_timeout=TIMEOUT_SECONDS, health_check_interval=5, protocol=2
        )
        self._handlers: dict[str, list[Handler]] = defaultdict(list)
        self._connected_handlers: list[Callable[[], None]] = []
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue(MAX_WAITING)
        self._name = new_uuid().hex
        self._own = f'{{"from": "{self._name}", "to_others": true'.encode()
        """How a message begins that is not for this process."""
        self._heard_at = monotonic()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_listening = False

    def publish(self, topic: str, message: Message, *, to_others: bool = False) -> None:
        if to_others and self._is_alone:
            return
        if self._outgoing.full():
            self._outgoing.get_nowait()
        envelope = {"from": self._name, "to_others": to_others, "topic": topic, "message": message}
        self._outgoing.put_nowait(json.dumps(envelope).encode())

    def subscribe(self, topic: str, handler: Handler) -> None:
        self._handlers[topic].append(handler)

    def on_connected(self, handler: Callable[[], None]) -> None:
        self._connected_handlers.append(handler)

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._send(), name="bus-send"),
            asyncio.create_task(self._receive(), name="bus-receive"),
            asyncio.create_task(self._say_here(), name="bus-here"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            await end(task)
        await self._client.aclose()
        await self._listener.aclose()

    async def is_ready(self) -> bool:
        try:
            return self._is_listening and bool(await self._client.ping())
        except (RedisError, OSError, TimeoutError):
            return False

    @property
    def _is_alone(self) -> bool:
        return self._is_listening and monotonic() - self._heard_at > ALONE_SECONDS

    async def _say_here(self) -> None:
        while True:
            self.publish(HERE, {})
            await asyncio.sleep(HERE_SECONDS)

    async def _send(self) -> None:
        # A connection of its own: the client's methods around it take longer than the message.
        connection = self._client.connection_pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            while True:
                payload = await self._outgoing.get()
                try:
                    await connection.send_command("PUBLISH", CHANNEL, payload)
                    await connection.read_response()
                except (RedisError, OSError, TimeoutError) as error:
                    log.warning("bus message lost", error=repr(error))
                    self._heard_at = monotonic()  # nor could others have been heard
                    await connection.disconnect(nowait=True)
        finally:
            await connection.disconnect(nowait=True)

    async def _receive(self) -> None:
        while True:
            try:
                await self._listen()
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("bus connection lost", error=repr(error))
            self._is_listening = False
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        async with self._listener.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe(CHANNEL)
            self._heard_at = monotonic()  # or have missed it
            self._is_listening = True
            self.publish(HERE, {})
            for connected in self._connected_handlers:
                connected()
            while True:
                # The timeout gives the health check its turn: a dead peer is noticed although nobody publishes.
                received = await pubsub.get_message(timeout=2 * TIMEOUT_SECONDS)
                if received is not None:
                    self._deliver(received["data"])

    def _deliver(self, payload: bytes) -> None:
        if payload.startswith(self._own):
            return
        try:
            envelope = json.loads(payload)
            if envelope.get("from") != self._name:  # an older release does not say
                self._heard_at = monotonic()
            for handler in self._handlers.get(envelope["topic"], ()):
                handler(envelope["message"])
        except Exception:  # one message that we cannot read must not cost us all others
            log.exception("a bus message could not be delivered")


def create_bus(url: str | None) -> Bus:
    """The bus for these settings: in this process alone without a URL."""
    return LocalBus() if url is None else ValkeyBus(url)
