"""What the session endpoints say."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.schemas import Schema


class BrowserTokens(Schema):
    """An access token for a browser; its refresh token is in a cookie that scripts cannot read."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int
    session_expires_at: datetime


class TokenPair(BrowserTokens):
    """Tokens for any other client (RFC 6749 §5.1). `session_expires_at` is the absolute end."""

    refresh_token: str


class Session(Schema):
    """A signed-in device of mine."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ip: str
    user_agent: str
    current: bool
