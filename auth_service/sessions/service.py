"""Signing in, turning refresh tokens, ending sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.errors import InvalidGrant, TokenReuse
from auth_service.names import name_key
from auth_service.passwords import MAX_BYTES, Passwords
from auth_service.sessions import queries, refresh_tokens
from auth_service.sessions.refresh_tokens import Held, Presented, RefreshToken
from auth_service.sessions.schemas import Session
from auth_service.settings import AuthSettings
from shared.bus import SESSION_ENDED, Bus
from shared.clock import Clock, new_uuid, utc_now
from shared.database import Database
from shared.errors import NotFound, Unauthenticated
from shared.rate_limits import RateLimits
from shared.revocation import Revocations
from shared.rows import AnyRow
from shared.tokens import InvalidToken, KeyRing, Tokens

audit = structlog.get_logger("audit")

LOGINS_PER_ADDRESS = "10/5minutes"
LOGINS_PER_ACCOUNT = "10/5minutes"
REFRESHES_PER_SESSION = "60/minute"
MAX_SESSIONS = 500
"""Of one person; those beyond, the ones not used for the longest time, end within the hour (`Housekeeping`)."""


@dataclass(frozen=True, slots=True)
class Device:
    """Where a request comes from, for the list of sessions and the audit log."""

    ip: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Fresh tokens of a session."""

    access_token: str
    refresh_token: str
    expires_in: int
    session_expires_at: datetime


class Sessions:
    """One row per session, locked while it turns (CONTRACT §2 has the rule table)."""

    def __init__(
        self,
        database: Database,
        settings: AuthSettings,
        ring: KeyRing,
        tokens: Tokens,
        passwords: Passwords,
        limits: RateLimits,
        revocations: Revocations,
        bus: Bus,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._settings = settings
        self._ring = ring
        self._tokens = tokens
        self._passwords = passwords
        self._limits = limits
        self._revocations = revocations
        self._bus = bus
        self._clock = clock
        self._idle = timedelta(seconds=settings.refresh_idle_seconds)
        self._grace = timedelta(seconds=settings.refresh_grace_seconds)

    async def count_malformed_login(self, device: Device) -> None:
        """Count a try to sign in of which no more is known than where it came from."""
        await self._limits.hit(*_of_address(device))

    async def sign_in(self, login: str, password: str, device: Device) -> Grant:
        """A new session for the right name (or e-mail) and password, else `InvalidGrant`.

        Limits count the name that was given, whether or not there is such an account: nothing here tells which is so.
        """
        key = name_key(login)
        has_failed = await self._limits.admit(_of_address(device), (LOGINS_PER_ACCOUNT, "login", key))
        account = await queries.find_login(self._database, key)
        hashed = account.password_hash if account is not None else None
        if len(password.encode("utf-8", "surrogatepass")) > MAX_BYTES:
            hashed = None
        matches, better_hash = await self._passwords.verify(password, hashed)
        if account is None or not matches:
            await self._limits.count_failure("login", key)
            audit.warning("login failed", user_id=account.id if account is not None else None, ip=device.ip)
            raise InvalidGrant
        if has_failed:
            await self._limits.forgive("login", key)
        proof: str = account.password_hash
        if better_hash is not None:
            async with self._database.transaction() as connection:
                await queries.replace_hash(connection, account.id, proof, better_hash)
            proof = better_hash
        grant = await self._start(account.id, proof, device)
        audit.info("login ok", user_id=account.id, ip=device.ip)
        return grant

    async def _start(self, user_id: int, proof: str, device: Device) -> Grant:
        now, session_id = self._clock(), new_uuid()
        token, values = self._next(session_id, 0, device, now)
        expires_at = now + timedelta(seconds=self._settings.session_max_seconds)
        values |= {"id": session_id, "created_at": now, "expires_at": expires_at}
        if not await queries.start(self._database, user_id, proof, values):
            raise InvalidGrant
        return self._grant(user_id, token, expires_at, now)

    async def refresh(self, text: str, device: Device) -> Grant:
        """Turn a refresh token. A dead one raises `InvalidGrant`, a stolen one `TokenReuse` after the session ended."""
        token = refresh_tokens.parse(text)
        if token is None or not token.is_genuine(self._ring):
            raise InvalidGrant
        await self._limits.hit(REFRESHES_PER_SESSION, "refresh", str(token.session_id))
        # What nearly all of them are, the current token of a living session, is found and turned by one statement.
        now = self._clock()
        successor, values = self._next(token.session_id, token.generation + 1, device, now)
        row = await queries.turn(self._database, token.session_id, token.hash, now - self._idle, values)
        if row is not None:
            return self._grant(row.user_id, successor, row.expires_at, now)
        # The verdict leaves the transaction as a value: an exception would undo the ending of a stolen session.
        async with self._database.transaction() as connection:
            verdict, grant, ended = await self._judge(connection, token, device)
        self.announce(ended, "token_reuse")
        if verdict is Presented.REUSED:
            audit.warning("refresh token reused", session_id=str(token.session_id), ip=device.ip)
            raise TokenReuse
        if grant is None:
            raise InvalidGrant
        return grant

    async def _judge(
        self, connection: AsyncConnection, token: RefreshToken, device: Device
    ) -> tuple[Presented | None, Grant | None, list[AnyRow]]:
        """Follow the rule table. A current token comes here only when its session is dead."""
        now = self._clock()
        row = await queries.lock_session(connection, token.session_id)
        if row is None or row.ended_at is not None or row.expires_at <= now or row.last_used_at + self._idle <= now:
            return None, None, []
        verdict = refresh_tokens.judge(
            token.hash, Held(row.current_hash, row.previous_hash, row.issued_at), now, self._grace
        )
        if verdict is Presented.REUSED:
            return verdict, None, await queries.end_sessions(connection, now, one=row.id)
        if verdict is Presented.RETRIED and self._ring.get(row.kid) is not None:
            successor = refresh_tokens.make(self._ring, row.kid, row.id, row.generation, row.nonce)
            await queries.update_session(connection, row.id, last_used_at=now)
        else:  # a sibling of the successor that got lost
            successor, values = self._next(row.id, row.generation, device, now)
            await queries.update_session(connection, row.id, **values)
        return verdict, self._grant(row.user_id, successor, row.expires_at, now), []

    def _next(
        self, session_id: UUID, generation: int, device: Device, now: datetime
    ) -> tuple[RefreshToken, dict[str, Any]]:
        """A new token, and what the session's row holds of it."""
        kid, nonce = self._ring.current.kid, refresh_tokens.new_nonce()
        token = refresh_tokens.make(self._ring, kid, session_id, generation, nonce)
        return token, {
            "generation": generation,
            "nonce": nonce,
            "kid": kid,
            "current_hash": token.hash,
            "issued_at": now,
            "last_used_at": now,
            "ip": device.ip,
            "user_agent": device.user_agent,
        }

    def _grant(self, user_id: int, token: RefreshToken, expires_at: datetime, now: datetime) -> Grant:
        lifetime = min(self._settings.access_token_seconds, max(1, int((expires_at - now).total_seconds())))
        access_token = self._tokens.issue(user_id, token.session_id, lifetime)
        return Grant(access_token, token.text, lifetime, expires_at)

    async def living(self, user_id: int, current: UUID) -> list[Session]:
        """My living sessions, last used first."""
        async with self._database.read() as connection:
            rows = await queries.living_sessions(connection, user_id, self._clock(), self._idle)
        return [Session.model_validate({**row._mapping, "current": row.id == current}) for row in rows]

    async def end(self, user_id: int, session_id: UUID) -> None:
        """End one of my sessions; `NotFound` if it is not mine or not alive."""
        async with self._database.transaction() as connection:
            ended = await queries.end_sessions(connection, self._clock(), user_id=user_id, one=session_id)
        if not ended:
            raise NotFound
        self.announce(ended, "revoked")

    async def end_others(self, user_id: int, current: UUID) -> None:
        """End all my sessions but this one."""
        async with self._database.transaction() as connection:
            ended = await self.end_within(connection, user_id, but=current)
        self.announce(ended, "revoked")

    async def require_account(self, connection: AsyncConnection, user_id: int, proof: str) -> None:
        """Go on only if the account still has the password hash that was proved a moment ago."""
        if not await queries.lock_account(connection, user_id, proof):
            raise Unauthenticated(token_was_given=True)

    async def end_within(self, connection: AsyncConnection, user_id: int, but: UUID | None = None) -> list[AnyRow]:
        """End a person's sessions as part of a larger change; `announce` the result once that is committed."""
        return await queries.end_sessions(connection, self._clock(), user_id=user_id, but=but)

    async def end_surplus(self) -> None:
        """End what people have beyond `MAX_SESSIONS`."""
        async with self._database.transaction() as connection:
            ended = await queries.end_surplus(connection, self._clock(), MAX_SESSIONS)
        self.announce(ended, "too_many_sessions")

    async def sign_out(self, *, session_id: UUID | None = None, token: str | None = None) -> None:
        """End the session of this id, access token or refresh token, in whatever state it is; unknown ones are fine."""
        if session_id is None and token is not None:
            session_id = self._session_of(token)
        if session_id is None:
            return
        async with self._database.transaction() as connection:
            ended = await queries.end_sessions(connection, self._clock(), one=session_id)
        self.announce(ended, "logout")

    def _session_of(self, token: str) -> UUID | None:
        refresh = refresh_tokens.parse(token)
        if refresh is not None:
            return refresh.session_id if refresh.is_genuine(self._ring) else None
        try:
            return self._tokens.verify(token).session_id
        except InvalidToken:
            return None

    def announce(self, ended: list[AnyRow], reason: str) -> None:
        """Tell both services of sessions whose ending is committed."""
        for session in ended:
            self._revocations.mark(session.id)
            self._bus.publish(SESSION_ENDED, {"session_id": str(session.id)})
            audit.info("session ended", reason=reason, user_id=session.user_id, session_id=str(session.id))


def _of_address(device: Device) -> tuple[str, str, str]:
    """The limit of all who sign in from there."""
    return LOGINS_PER_ADDRESS, "login-address", device.ip
