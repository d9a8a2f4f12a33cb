"""Listens to the bus until that connection breaks, and never again; nor does it compare heads with the database."""

from contextlib import suppress
from unittest.mock import patch

from redis.exceptions import RedisError

from chat_service.realtime.hub import Hub
from shared.bus import ValkeyBus
from tests.faults.controls import broken


async def _receive_once(self: ValkeyBus) -> None:
    with suppress(RedisError, OSError, TimeoutError):
        await self._listen()


async def _check_nothing(self: Hub) -> None:
    """A lost hint stays lost."""


if __name__ == "__main__":
    with patch.object(ValkeyBus, "_receive", _receive_once), patch.object(Hub, "_check_heads", _check_nothing):
        broken.serve()
