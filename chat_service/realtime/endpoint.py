"""The one socket route. The middleware has already refused strangers and foreign origins."""

import time
from asyncio import Future
from typing import Any
from uuid import UUID

from fastapi import WebSocket

from chat_service.journal.service import Position, Sync, is_continuous
from chat_service.realtime.connection import Connection
from chat_service.realtime.dispatch import Dispatch
from chat_service.realtime.hub import HEARTBEAT_SECONDS, Hub
from chat_service.realtime.presence import Presence
from chat_service.realtime.protocol import MAX_FRAME_BYTES, SUBPROTOCOL, Close, ReadyFrame, ResetFrame
from shared.errors import Invalid, Problem, TooMany, Unavailable, is_outage, problem_response
from shared.revocation import Revocations
from shared.routing import Router
from shared.schemas import MAX_ID
from shared.sockets import Channel, Event
from shared.tokens import Claims

MAX_SOCKETS_EACH = 50


def socket_router(hub: Hub, dispatch: Dispatch, sync: Sync, presence: Presence, revocations: Revocations) -> Router:
    """`GET /api/ws`."""
    router = Router(tags=["socket"])

    @router.websocket("/api/ws")
    async def socket(websocket: WebSocket) -> None:
        claims: Claims = websocket.state.claims
        channel: Channel = websocket.scope["state"]["channel"]
        connection = Connection(channel, claims)
        channel.drain = connection.leave
        hub.add(connection)  # first, so that nothing that happens from here on is missed
        try:
            if dispatch.is_limited and len(hub.connections(claims.user_id)) > MAX_SOCKETS_EACH:
                raise TooMany(retry_after=5)
            position = _position(websocket)
            epoch, head = await _start(sync, claims.user_id)
            await websocket.accept(subprotocol=_subprotocol(websocket))
        except BaseException as error:
            channel.drain = None
            connection.end()
            hub.remove(connection)
            if not isinstance(error, Problem):
                raise
            await websocket.send_denial_response(problem_response(error, websocket.state.request_id))
            return
        connection.open(hub)
        _welcome(connection, position, epoch, head)
        hub.follow(connection)
        presence.connected(connection)
        if revocations.is_ended(claims.session_id):  # it ended while we were busy
            connection.close(Close.SESSION_ENDED)
        channel.listen(Listener(connection, hub, dispatch, presence).hear)

    return router


class Listener:
    """Hears one socket's frames, one after the other, until it is gone."""

    __slots__ = ("_connection", "_dispatch", "_hub", "_presence")

    def __init__(self, connection: Connection, hub: Hub, dispatch: Dispatch, presence: Presence) -> None:
        self._connection = connection
        self._hub = hub
        self._dispatch = dispatch
        self._presence = presence

    def hear(self, event: Event) -> Future[Any] | None:
        """Work on a frame, or on the socket's end."""
        connection = self._connection
        if event["type"] == "websocket.disconnect":
            connection.end()
            self._hub.remove(connection)
            self._presence.disconnected(connection)
            return None
        if connection.is_closing:
            return None
        text = event.get("text")
        if text is None:
            connection.close(Close.UNSUPPORTED)
        elif _is_longer(text, MAX_FRAME_BYTES):
            connection.close(Close.TOO_LARGE)
        else:
            return self._dispatch.handle(connection, text)
        return None


def _is_longer(text: str, limit: int) -> bool:
    """Whether the text has more bytes; a character has at most four."""
    return len(text) * 4 > limit and len(text.encode()) > limit


async def _start(sync: Sync, user_id: int) -> tuple[UUID, int]:
    try:
        return await sync.start(user_id)
    except Exception as error:
        if is_outage(error):
            raise Unavailable from error
        raise


def _position(websocket: WebSocket) -> Position | None:
    since, epoch = websocket.query_params.get("since"), websocket.query_params.get("epoch")
    if since is None:
        return None
    try:
        if epoch is None or not since.isascii() or not since.isdigit() or len(since) > 16 or int(since) > MAX_ID:
            raise ValueError
        return Position(int(since), UUID(epoch))
    except ValueError:
        raise Invalid("`since` and `epoch` must be a position in the journal.") from None


def _subprotocol(websocket: WebSocket) -> str | None:
    return SUBPROTOCOL if SUBPROTOCOL in websocket.scope["subprotocols"] else None


def _welcome(connection: Connection, position: Position | None, epoch: UUID, head: int) -> None:
    connection.push(
        ReadyFrame(
            epoch=epoch,
            head=head,
            user_id=connection.user_id,
            session_id=connection.session_id,
            expires_in=max(0, int(connection.expires_at - time.time())),
            heartbeat_seconds=HEARTBEAT_SECONDS,
        )
    )
    connection.position = head
    if position is None:
        return
    if is_continuous(position, epoch, head):
        connection.position = position.since
        connection.announces_live = True
    else:
        connection.push(ResetFrame(epoch=epoch, head=head))
