"""Somebody is typing: a hint between two people that is never stored."""

from chat_service.conversations.queries import is_blocked
from chat_service.errors import Blocked
from chat_service.realtime.hub import Hub
from chat_service.realtime.protocol import TypingNotice
from shared.bus import TYPING, Bus, Message
from shared.database import Database


class Typing:
    """Passes the hint on to the peer's sockets in every process."""

    def __init__(self, database: Database, bus: Bus, hub: Hub) -> None:
        self._database = database
        self._bus = bus
        self._hub = hub
        bus.subscribe(TYPING, self._on_message)

    async def tell(self, user_id: int, peer_id: int, *, on: bool) -> None:
        """Tell the peer; `Blocked` if either blocks the other."""
        if await is_blocked(self._database, user_id, peer_id):
            raise Blocked
        if user_id != peer_id:
            self._bus.publish(TYPING, {"from": user_id, "to": peer_id, "on": on})

    def _on_message(self, message: Message) -> None:
        self._hub.push_ephemeral(message["to"], TypingNotice(peer_id=message["from"], on=message["on"]))
