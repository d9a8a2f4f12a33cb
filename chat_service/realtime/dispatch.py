"""From a frame to what it asks for: the same services as REST, and their problems as frames."""

import json

import structlog
from pydantic import BaseModel

from chat_service.conversations.service import Conversations
from chat_service.journal.state import MessageState
from chat_service.messages.commands import Send
from chat_service.messages.service import Messages
from chat_service.realtime import protocol
from chat_service.realtime.connection import MAX_REFUSED, Connection
from chat_service.realtime.presence import Presence
from chat_service.realtime.protocol import BadFrame, ClientFrame, Close, PongFrame, refusal
from chat_service.realtime.typing import Typing
from shared.errors import TooMany, Unauthenticated, as_problem, is_outage
from shared.revocation import Revocations
from shared.tokens import InvalidToken, Tokens

log = structlog.get_logger(__name__)


class Dispatch:
    """Carries out one frame after the other, so that a socket's sends keep their order."""

    def __init__(
        self,
        messages: Messages,
        conversations: Conversations,
        presence: Presence,
        typing: Typing,
        tokens: Tokens,
        revocations: Revocations,
        *,
        limited: bool,
    ) -> None:
        self._messages = messages
        self._conversations = conversations
        self._presence = presence
        self._typing = typing
        self._tokens = tokens
        self._revocations = revocations
        self.is_limited = limited

    async def handle(self, connection: Connection, text: str) -> None:
        """Answer one text frame. Whatever is wrong with it, the socket stays."""
        try:
            frame = protocol.parse(text)
        except BadFrame as bad:
            connection.push(bad.frame)
            return
        try:
            if connection.is_expired and not isinstance(frame, protocol.AuthFrame):
                raise Unauthenticated(token_was_given=True)
            if self.is_limited and not connection.may_send():
                if connection.refused > MAX_REFUSED:
                    connection.close(Close.TOO_MANY)
                raise TooMany(retry_after=1)
            connection.push(await self._carry_out(connection, frame))
        except Exception as error:
            problem = as_problem(error)
            if problem.status >= 500:
                log.error(
                    "frame failed",
                    user_id=connection.user_id,
                    frame=frame.type,
                    error=repr(error),
                    exc_info=not is_outage(error),
                )
            connection.push(refusal(frame.id, problem))

    async def _carry_out(self, connection: Connection, frame: ClientFrame) -> str | BaseModel:  # noqa: C901 -- a case a frame
        me = connection.user_id
        match frame:
            case protocol.SendFrame(to=to, text=text, client_id=client_id):
                files = tuple(frame.attachment_ids)
                sent = await self._messages.send(Send(me, to, text, client_id, files, frame.reply_to_id))
                return _ok(frame.id, sent.message)
            case protocol.EditFrame():
                return _ok(frame.id, await self._messages.edit(me, frame.message_id, frame.text, frame.revision))
            case protocol.DeleteFrame():
                await self._messages.delete(me, frame.message_id)
            case protocol.ReactFrame():
                await self._messages.react(me, frame.message_id, frame.emoji, on=frame.on)
            case protocol.ReadFrame():
                await self._conversations.mark(me, frame.peer_id, frame.message_id, read=True)
            case protocol.DeliveredFrame():
                await self._conversations.mark(me, frame.peer_id, frame.message_id, read=False)
            case protocol.TypingFrame():
                await self._typing.tell(me, frame.peer_id, on=frame.on)
            case protocol.WatchFrame():
                await self._presence.watch(connection, frame.user_ids)
            case protocol.AuthFrame():
                self._renew(connection, frame.token)
            case protocol.PingFrame():
                return PongFrame(id=frame.id)
        return _ok(frame.id)

    def _renew(self, connection: Connection, token: str) -> None:
        try:
            claims = self._tokens.verify(token)
        except InvalidToken:
            raise Unauthenticated(token_was_given=True) from None
        if self._revocations.is_ended(claims.session_id):
            raise Unauthenticated(token_was_given=True)
        if not connection.renew(claims):
            connection.close(Close.TOKEN_EXPIRED)


def _ok(frame_id: str, result: MessageState | None = None) -> str:
    """An `OkFrame`, around a message that is encoded already."""
    return f'{{"type":"ok","id":{json.dumps(frame_id)},"result":{"null" if result is None else result.encoded()}}}'
