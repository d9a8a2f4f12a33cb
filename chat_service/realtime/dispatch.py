"""From a frame to what it asks for: the same services as REST, and their problems as frames."""

import asyncio
from asyncio import Future
from contextvars import Context
from functools import partial
from typing import Any

import structlog
from pydantic import BaseModel
from pydantic_core import to_json

from chat_service.conversations.service import Conversations
from chat_service.journal.state import MessageState
from chat_service.messages.commands import Send, Sent
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

    def handle(self, connection: Connection, text: str) -> Future[Any] | None:
        """Answer one text frame, or begin to. Whatever is wrong with it, the socket stays."""
        try:
            frame = protocol.parse(text)
        except BadFrame as bad:
            connection.push(bad.frame)
            return None
        try:
            self._admit(connection, frame)
            work = self._carry_out(connection, frame)
        except Exception as error:
            self._refuse(connection, frame, error)
            return None
        connection.begin_answer()
        work.add_done_callback(partial(self._answer, connection, frame))
        return work

    def _admit(self, connection: Connection, frame: ClientFrame) -> None:
        if connection.is_expired and not isinstance(frame, protocol.AuthFrame):
            raise Unauthenticated(token_was_given=True)
        if self.is_limited and not connection.may_send():
            if connection.refused > MAX_REFUSED:
                connection.close(Close.TOO_MANY)
            raise TooMany(retry_after=1)

    def _carry_out(self, connection: Connection, frame: ClientFrame) -> Future[Any]:
        if isinstance(frame, protocol.SendFrame):  # most frames are, and the journal needs no task
            me, files = connection.user_id, frame.attachment_ids
            return self._messages.send(Send(me, frame.to, frame.text, frame.client_id, files, frame.reply_to_id))
        work = self._carry_out_in_task(connection, frame)
        return asyncio.get_running_loop().create_task(work, context=Context())

    async def _carry_out_in_task(self, connection: Connection, frame: ClientFrame) -> MessageState | None:
        me = connection.user_id
        match frame:
            case protocol.EditFrame():
                return await self._messages.edit(me, frame.message_id, frame.text, frame.revision)
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
        return None

    def _answer(self, connection: Connection, frame: ClientFrame, work: Future[Any]) -> None:
        try:
            if not work.cancelled():  # as what goes on for too long is when the service ends
                connection.push(_answer_to(frame, work.result()), at_once=True)
        except Exception as error:
            self._refuse(connection, frame, error)
        finally:
            connection.end_answer()

    def _refuse(self, connection: Connection, frame: ClientFrame, error: Exception) -> None:
        problem = as_problem(error)
        if problem.status >= 500:
            log.error(
                "frame failed",
                user_id=connection.user_id,
                frame=frame.type,
                error=repr(error),
                exc_info=error if not is_outage(error) else None,
            )
        connection.push(refusal(frame.id, problem))

    def _renew(self, connection: Connection, token: str) -> None:
        try:
            claims = self._tokens.verify(token)
        except InvalidToken:
            raise Unauthenticated(token_was_given=True) from None
        if self._revocations.is_ended(claims.session_id):
            raise Unauthenticated(token_was_given=True)
        if not connection.renew(claims):
            connection.close(Close.TOKEN_EXPIRED)


def _answer_to(frame: ClientFrame, result: Sent | MessageState | None) -> bytes | BaseModel:
    """An `OkFrame`, around a message that is encoded already; or a pong."""
    if isinstance(result, Sent):  # most are; and pydantic takes long to find that a frame is none of some class
        return _ok(frame, result.message.encoded())
    if isinstance(frame, protocol.PingFrame):
        return PongFrame(id=frame.id)
    return _ok(frame, b"null" if result is None else result.encoded())


def _ok(frame: ClientFrame, result: bytes) -> bytes:
    return b'{"type":"ok","id":%b,"result":%b}' % (to_json(frame.id), result)
