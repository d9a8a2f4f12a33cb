"""SQL of sessions. What every login and refresh asks is built once: building takes longer than executing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.models import SessionRow
from shared.database import Database, locked
from shared.revocation import EndedSession
from shared.rows import AnyRow
from shared.users import UserRow

FIND = select(UserRow.id, UserRow.password_hash).where(UserRow.deleted_at.is_(None))
FIND_BY_NAME = FIND.where(UserRow.username_key == bindparam("key"))
FIND_BY_EMAIL = FIND.where(UserRow.email_key == bindparam("key"))
NEW = (
    "id",
    "generation",
    "nonce",
    "kid",
    "current_hash",
    "issued_at",
    "created_at",
    "last_used_at",
    "expires_at",
    "ip",
    "user_agent",
)
COLUMNS = SessionRow.__table__.c
START = (
    insert(SessionRow)
    .from_select(
        ("user_id", *NEW),
        # While the password was hashed the account may have been deleted, or have got another password.
        select(UserRow.id, *(bindparam(name, type_=COLUMNS[name].type) for name in NEW))
        .where(UserRow.id == bindparam("user_id"), UserRow.deleted_at.is_(None))
        .where(UserRow.password_hash == bindparam("proof"))
        .with_for_update(),
    )
    .returning(SessionRow.id)
)
TURNED = ("generation", "nonce", "kid", "current_hash", "issued_at", "last_used_at", "ip", "user_agent")
TURN = (
    update(SessionRow)
    .where(
        SessionRow.id == bindparam("session_id"),
        SessionRow.current_hash == bindparam("presented"),
        SessionRow.ended_at.is_(None),
        SessionRow.expires_at > bindparam("now"),
        SessionRow.last_used_at > bindparam("idle_since"),
    )
    .values(previous_hash=SessionRow.current_hash, **{name: bindparam(f"new_{name}") for name in TURNED})
    .returning(SessionRow.user_id, SessionRow.expires_at)
)


async def find_login(database: Database, key: str) -> AnyRow | None:
    """The living account of this name or e-mail key, with its hash."""
    # Every address has an @, and no name: one index to look into, not two.
    return _one(await database.fetch(FIND_BY_EMAIL if "@" in key else FIND_BY_NAME, {"key": key}, reads=True))


async def start(database: Database, user_id: int, proof: str, values: dict[str, Any]) -> bool:
    """Store a new session, if the account still has this hash, and say whether it had."""
    return bool(await database.fetch(START, {"user_id": user_id, "proof": proof, **values}))


async def turn(
    database: Database, session_id: UUID, presented: bytes, idle_since: datetime, values: dict[str, Any]
) -> AnyRow | None:
    """Give a living session its next token, if it is its current one that was presented; else None."""
    given = {f"new_{name}": values[name] for name in TURNED}
    found = {"session_id": session_id, "presented": presented, "now": values["issued_at"], "idle_since": idle_since}
    return _one(await database.fetch(TURN, {**found, **given}))


def _one(rows: Sequence[AnyRow]) -> AnyRow | None:
    return rows[0] if rows else None


async def lock_account(connection: AsyncConnection, user_id: int, password_hash: str) -> bool:
    """Whether the account still lives with this hash; if so it stays so until the transaction ends."""
    statement = select(UserRow.id).where(
        UserRow.id == user_id, UserRow.deleted_at.is_(None), UserRow.password_hash == password_hash
    )
    return (await connection.execute(locked(connection, statement))).first() is not None


async def replace_hash(connection: AsyncConnection, user_id: int, old: str, new: str) -> None:
    """Store a new hash of the same password, if the account still has the old one."""
    is_old = (UserRow.id == user_id, UserRow.password_hash == old)
    await connection.execute(update(UserRow).where(*is_old).values(password_hash=new))


async def lock_session(connection: AsyncConnection, session_id: UUID) -> AnyRow | None:
    """The session's row, locked until the transaction ends."""
    statement = select(*SessionRow.__table__.columns).where(SessionRow.id == session_id)
    return (await connection.execute(locked(connection, statement))).one_or_none()


async def update_session(connection: AsyncConnection, session_id: UUID, **values: object) -> None:
    """Change a session's row."""
    await connection.execute(update(SessionRow).where(SessionRow.id == session_id).values(**values))


async def living_sessions(
    connection: AsyncConnection, user_id: int, now: datetime, idle: timedelta
) -> Sequence[AnyRow]:
    """The sessions that could still refresh, last used first."""
    statement = (
        select(*SessionRow.__table__.columns)
        .where(
            SessionRow.user_id == user_id,
            SessionRow.ended_at.is_(None),
            SessionRow.expires_at > now,
            SessionRow.last_used_at > now - idle,
        )
        .order_by(SessionRow.last_used_at.desc())
    )
    return (await connection.execute(statement)).all()


async def end_surplus(connection: AsyncConnection, now: datetime, keep: int) -> list[AnyRow]:
    """End everybody's sessions beyond the `keep` of each that were used last."""
    rank = func.row_number().over(partition_by=SessionRow.user_id, order_by=SessionRow.last_used_at.desc())
    ranked = select(SessionRow.id, rank.label("rank")).where(SessionRow.ended_at.is_(None)).subquery()
    surplus = select(ranked.c.id).where(ranked.c.rank > keep)
    return [
        ended
        for found in (await connection.execute(surplus)).scalars().all()
        for ended in await end_sessions(connection, now, one=found)
    ]


async def delete_dead(connection: AsyncConnection, ended_before: datetime, idle_before: datetime) -> None:
    """Forget sessions whose refresh tokens are dead for good: they ended, or nobody came for too long."""
    is_dead = or_(
        SessionRow.ended_at < ended_before,
        SessionRow.expires_at < ended_before,
        SessionRow.last_used_at < idle_before,
    )
    await connection.execute(delete(SessionRow).where(is_dead))


async def end_sessions(
    connection: AsyncConnection,
    now: datetime,
    *,
    user_id: int | None = None,
    one: UUID | None = None,
    but: UUID | None = None,
) -> list[AnyRow]:
    """End one session, or all of a person (`but` one). Returns those that were alive until now."""
    statement = update(SessionRow).where(SessionRow.ended_at.is_(None)).values(ended_at=now)
    if user_id is not None:
        statement = statement.where(SessionRow.user_id == user_id)
    if one is not None:
        statement = statement.where(SessionRow.id == one)
    if but is not None:
        statement = statement.where(SessionRow.id != but)
    ended = (await connection.execute(statement.returning(SessionRow.id, SessionRow.user_id))).all()
    if ended:
        rows = [{"session_id": session.id, "ended_at": now} for session in ended]
        await connection.execute(insert(EndedSession).values(rows))
    return list(ended)
