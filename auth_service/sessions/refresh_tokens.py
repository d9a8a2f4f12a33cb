"""Refresh tokens, and the rule of what a presented one means. Pure: no I/O, no clock.

A token is `session id ‖ generation ‖ nonce ‖ HMAC`. The HMAC makes every token that we ever issued recognisable without
storing it, and makes the current one reproducible from what the session row holds, so a lost answer can be given again.
"""

import base64
import binascii
import enum
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.clock import random_bytes
from shared.tokens import KeyRing

PURPOSE = "refresh-token"
NONCE_BYTES = 16
BODY_BYTES = 16 + 4 + NONCE_BYTES
TOKEN_BYTES = BODY_BYTES + 32


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A parsed token; it may still be forged."""

    session_id: UUID
    body: bytes
    mac: bytes

    @property
    def generation(self) -> int:
        """Which token of its session it is."""
        return int.from_bytes(self.body[16:20], "big")

    @property
    def text(self) -> str:
        """What the client holds."""
        return base64.urlsafe_b64encode(self.body + self.mac).rstrip(b"=").decode()

    @property
    def hash(self) -> bytes:
        """What the database holds."""
        return hashlib.sha256(self.body + self.mac).digest()

    def is_genuine(self, ring: KeyRing) -> bool:
        """Whether one of our keys made it. Without this, knowing a session's id would be enough to end it."""
        return any(hmac.compare_digest(self.mac, _mac(ring, kid, self.body)) for kid in ring.names)


def new_nonce() -> bytes:
    """The random part of a new token: 128 bits."""
    return random_bytes(NONCE_BYTES)


def make(ring: KeyRing, kid: str, session_id: UUID, generation: int, nonce: bytes) -> RefreshToken:
    """The token of this session, generation and nonce: the same input gives the same token."""
    body = session_id.bytes + generation.to_bytes(4, "big") + nonce
    return RefreshToken(session_id, body, _mac(ring, kid, body))


def parse(text: str) -> RefreshToken | None:
    """A presented token, or None if it has not even the form of one."""
    if len(text) > 2 * TOKEN_BYTES:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != TOKEN_BYTES:
        return None
    token = RefreshToken(UUID(bytes=raw[:16]), raw[:BODY_BYTES], raw[BODY_BYTES:])
    return token if token.text == text else None  # the last character has bits to spare: one spelling counts


def _mac(ring: KeyRing, kid: str, body: bytes) -> bytes:
    return ring.derive(PURPOSE, kid).sign(body)


class Presented(enum.Enum):
    """What a genuine token means for its session (CONTRACT §2)."""

    CURRENT = "rotate"
    RETRIED = "the same successor again"
    ANSWER_LOST = "a fresh sibling; the unused successor is superseded"
    REUSED = "stolen: the session ends"


@dataclass(frozen=True, slots=True)
class Held:
    """What a session row knows of its tokens."""

    current: bytes
    previous: bytes | None
    issued_at: datetime


def judge(presented: bytes, held: Held, now: datetime, grace: timedelta) -> Presented:
    """The rule table. `presented` is the hash of a genuine token of this session.

    Using a successor moves it to `current` and its predecessor out of sight, so "successor was used", "older" and
    "superseded" all look alike here: neither current nor previous.
    """
    if hmac.compare_digest(presented, held.current):
        return Presented.CURRENT
    if held.previous is not None and hmac.compare_digest(presented, held.previous):
        return Presented.RETRIED if now - held.issued_at <= grace else Presented.ANSWER_LOST
    return Presented.REUSED
