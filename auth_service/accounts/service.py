"""Making, changing and deleting accounts."""

import structlog
from sqlalchemy.exc import IntegrityError

from auth_service.accounts import queries
from auth_service.accounts.schemas import Me, ProfileChange, Registration
from auth_service.errors import EmailTaken, UsernameTaken, WrongPassword
from auth_service.names import name_key, search_keys
from auth_service.passwords import Passwords, is_too_common
from auth_service.sessions.service import Sessions
from shared.bus import USER_CHANGED, Bus
from shared.clock import Clock, utc_now
from shared.database import Database
from shared.errors import Invalid, Unauthenticated
from shared.rate_limits import RateLimits
from shared.rows import AnyRow
from shared.tokens import Claims

audit = structlog.get_logger("audit")

REGISTRATIONS_PER_ADDRESS = "5/hour"
PROOFS_PER_ACCOUNT = "10/5minutes"


class WeakPassword(Invalid):
    """Among the first that anybody would try."""

    code = "weak_password"
    detail = "This password is one of the most common ones. Please choose another."


class Accounts:
    """The accounts, and what their owners may do with them."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        sessions: Sessions,
        limits: RateLimits,
        bus: Bus,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._sessions = sessions
        self._limits = limits
        self._bus = bus
        self._clock = clock

    async def register(self, request: Registration, ip: str) -> Me:
        """A new account; `UsernameTaken` or `EmailTaken` if there is, or was, one."""
        _refuse_common(request.password)
        # Names are public, so asking which are taken cannot be hidden; but it can be slow.
        await self._limits.hit(REGISTRATIONS_PER_ADDRESS, "register", ip)
        display_name = request.display_name or request.username
        keys = {"username_key": name_key(request.username), "email_key": name_key(request.email)}
        await self._refuse_taken(**keys)
        values = {
            **keys,
            **search_keys(request.username, display_name),
            "username": request.username,
            "email": request.email,
            "display_name": display_name,
            "password_hash": await self._passwords.hash(request.password),
            "created_at": self._clock(),
        }
        try:
            async with self._database.transaction() as connection:
                row = await queries.add_user(connection, values)
        except IntegrityError:  # somebody took it while the password was hashed
            await self._refuse_taken(**keys)
            raise
        audit.info("registered", user_id=row.id)
        return Me.model_validate(row)

    async def _refuse_taken(self, username_key: str, email_key: str) -> None:
        async with self._database.read() as connection:
            taken = await queries.find_taken(connection, username_key, email_key)
        if taken is not None:
            raise UsernameTaken if taken.username_key == username_key else EmailTaken

    async def me(self, me: Claims) -> Me:
        """My account."""
        return Me.model_validate(await self._find(me))

    async def change_profile(self, me: Claims, change: ProfileChange) -> Me:
        """Change what others see of me."""
        if change.display_name is None:
            return await self.me(me)
        row = await self._find(me)
        async with self._database.transaction() as connection:
            changed = await queries.change_profile(
                connection,
                me.user_id,
                display_name=change.display_name,
                **search_keys(row.username, change.display_name),
            )
        if changed is None:
            raise Unauthenticated(token_was_given=True)
        self._bus.publish(USER_CHANGED, {"user_id": me.user_id})
        return Me.model_validate(changed)

    async def change_password(self, me: Claims, current: str, new: str) -> None:
        """A new password; all my other sessions end."""
        proof = await self._prove(me, current)
        _refuse_common(new)
        password_hash = await self._passwords.hash(new)
        async with self._database.transaction() as connection:
            await self._sessions.require_account(connection, me.user_id, proof)
            await queries.change_user(connection, me.user_id, password_hash=password_hash)
            ended = await self._sessions.end_within(connection, me.user_id, but=me.session_id)
        self._sessions.announce(ended, "password_change")
        audit.info("password changed", user_id=me.user_id)

    async def delete(self, me: Claims, password: str) -> None:
        """Delete my account; others keep the conversations, without my name."""
        proof = await self._prove(me, password)
        async with self._database.transaction() as connection:
            await self._sessions.require_account(connection, me.user_id, proof)
            await queries.erase_user(connection, me.user_id, self._clock())
            ended = await self._sessions.end_within(connection, me.user_id)
        self._sessions.announce(ended, "account_deleted")
        self._bus.publish(USER_CHANGED, {"user_id": me.user_id})
        audit.info("account deleted", user_id=me.user_id)

    async def _prove(self, me: Claims, password: str) -> str:
        """The hash that the password matched, else `WrongPassword`."""
        await self._limits.hit(PROOFS_PER_ACCOUNT, "prove", str(me.user_id))
        row = await self._find(me)
        matches, _ = await self._passwords.verify(password, row.password_hash)
        if not matches:
            audit.warning("wrong password", user_id=me.user_id)
            raise WrongPassword
        proof: str = row.password_hash
        return proof

    async def _find(self, me: Claims) -> AnyRow:
        async with self._database.read() as connection:
            row = await queries.find_user(connection, me.user_id)
        if row is None:  # deleted this very moment, by another session
            raise Unauthenticated(token_was_given=True)
        return row


def _refuse_common(password: str) -> None:
    if is_too_common(password):
        raise WeakPassword
