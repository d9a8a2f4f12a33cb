"""The socket's frames and close codes (CONTRACT §4). Pure: text in, frames out."""

import json
from enum import IntEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError

from chat_service.journal.schemas import EventData
from chat_service.journal.state import EventType
from chat_service.messages.schemas import AttachmentIds, Message, MessageText
from shared.errors import Invalid, Problem
from shared.schemas import STORABLE, Schema, StrictId, is_storable

SUBPROTOCOL = "chat.v1"
MAX_WATCHED = 1_000
MAX_FRAME_BYTES = 128 * 1024


class Close(IntEnum):
    """Why the server closes a socket."""

    UNSUPPORTED = 1003
    TOO_LARGE = 1009
    RESTARTING = 1012
    TOKEN_EXPIRED = 4401
    SESSION_ENDED = 4403
    TOO_SLOW = 4408
    TOO_MANY = 4429


MAX_FRAME_ID = 128
FrameId = Annotated[str, Field(max_length=MAX_FRAME_ID), STORABLE]
Revision = Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)]
Flag = Annotated[bool, Field(strict=True)]


class _Request(Schema):
    id: FrameId


class SendFrame(_Request):
    """Send a message; `ok` brings it back after COMMIT."""

    type: Literal["send"]
    to: StrictId
    text: MessageText | None = None
    client_id: UUID
    attachment_ids: AttachmentIds = ()
    reply_to_id: StrictId | None = None


class EditFrame(_Request):
    """Give my message another text."""

    type: Literal["edit"]
    message_id: StrictId
    text: MessageText
    revision: Revision | None = None


class DeleteFrame(_Request):
    """Delete my message for both people."""

    type: Literal["delete"]
    message_id: StrictId


class ReactFrame(_Request):
    """Set an emoji, or take it off."""

    type: Literal["react"]
    message_id: StrictId
    emoji: Annotated[str, Field(max_length=64), STORABLE]
    on: Flag


class ReadFrame(_Request):
    """I have read up to this message."""

    type: Literal["read"]
    peer_id: StrictId
    message_id: StrictId


class DeliveredFrame(_Request):
    """This device has got everything up to this message."""

    type: Literal["delivered"]
    peer_id: StrictId
    message_id: StrictId


class TypingFrame(_Request):
    """I am typing to this person, or stopped."""

    type: Literal["typing"]
    peer_id: StrictId
    on: Flag


class WatchFrame(_Request):
    """Tell me when these people come and go, instead of those before."""

    type: Literal["watch"]
    user_ids: Annotated[list[StrictId], Field(max_length=MAX_WATCHED)]


class AuthFrame(_Request):
    """Renew this socket with a new access token of the same session."""

    type: Literal["auth"]
    token: str


class PingFrame(_Request):
    """Are you there?"""

    type: Literal["ping"]


ClientFrame = Annotated[
    SendFrame
    | EditFrame
    | DeleteFrame
    | ReactFrame
    | ReadFrame
    | DeliveredFrame
    | TypingFrame
    | WatchFrame
    | AuthFrame
    | PingFrame,
    Field(discriminator="type"),
]


class ReadyFrame(Schema):
    """The first frame: who you are to us, and how far your journal is."""

    type: Literal["ready"] = "ready"
    epoch: UUID
    head: int
    user_id: int
    session_id: UUID
    expires_in: int
    heartbeat_seconds: int


class LiveFrame(Schema):
    """All that was missed has been sent; from here on events come as they happen."""

    type: Literal["live"] = "live"
    head: int


class ResetFrame(Schema):
    """Continuity cannot be shown: load everything afresh; events come live from `head`."""

    type: Literal["reset"] = "reset"
    epoch: UUID
    head: int


class EventFrame(Schema):
    """A line of my journal."""

    type: Literal["event"] = "event"
    seq: int
    event: EventType
    data: EventData


class OkFrame(Schema):
    """The request was carried out; a message for `send` and `edit`, else null."""

    type: Literal["ok"] = "ok"
    id: str
    result: Message | None


class ErrorFrame(Schema):
    """The request was refused, with the code that REST would give; `id` is null if there was none to read."""

    type: Literal["error"] = "error"
    id: str | None
    code: str
    detail: str
    retry_after: int | None


class TypingNotice(Schema):
    """Somebody is typing to me, or stopped. It may be lost."""

    type: Literal["typing"] = "typing"
    peer_id: int
    on: bool


class PresenceNotice(Schema):
    """Somebody whom I watch came or went. It may be lost."""

    type: Literal["presence"] = "presence"
    user_id: int
    online: bool
    last_seen_at: str | None


class HeartbeatFrame(Schema):
    """The server is there; a `head` beyond my last event says that I missed something."""

    type: Literal["ping"] = "ping"
    head: int


class PongFrame(Schema):
    """The answer to a client's ping."""

    type: Literal["pong"] = "pong"
    id: str


ServerFrame = Annotated[
    ReadyFrame
    | LiveFrame
    | ResetFrame
    | EventFrame
    | OkFrame
    | ErrorFrame
    | TypingNotice
    | PresenceNotice
    | HeartbeatFrame
    | PongFrame,
    Field(discriminator="type"),
]

_CLIENT_FRAME: TypeAdapter[ClientFrame] = TypeAdapter(ClientFrame)


class BadFrame(Exception):
    """A frame that cannot be carried out, and the answer to it."""

    def __init__(self, frame: ErrorFrame) -> None:
        super().__init__(frame.code)
        self.frame = frame


def parse(text: str) -> ClientFrame:
    """The frame in this text, or `BadFrame`."""
    try:
        return _CLIENT_FRAME.validate_json(text)
    except ValidationError as error:
        places = {".".join(str(part) for part in found["loc"]) for found in error.errors(include_input=False)}
        detail = f"Not acceptable: {', '.join(sorted(places))[:200] or 'the frame'}."
        raise BadFrame(refusal(_id_of(text), Invalid(_ascii(detail)))) from None


def _id_of(text: str) -> str | None:
    try:
        frame = json.loads(text)  # takes what pydantic's parser refuses, so that its id can be told
    except (ValueError, RecursionError):
        return None
    given = frame.get("id") if isinstance(frame, dict) else None
    return given if isinstance(given, str) and len(given) <= MAX_FRAME_ID and is_storable(given) else None


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()


def refusal(frame_id: str | None, problem: Problem) -> ErrorFrame:
    """A problem as a frame."""
    return ErrorFrame(id=frame_id, code=problem.code, detail=problem.detail, retry_after=problem.retry_after)
