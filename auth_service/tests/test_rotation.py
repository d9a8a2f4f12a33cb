"""Rotation against a model: honest devices and thieves in every order of events (CONTRACT §2)."""

import asyncio
import base64
import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from auth_service.errors import InvalidGrant, TokenReuse
from auth_service.models import SessionRow
from auth_service.passwords import Passwords
from auth_service.sessions import service
from auth_service.sessions.housekeeping import Housekeeping
from auth_service.sessions.refresh_tokens import make, new_nonce, parse
from auth_service.sessions.service import Grant
from auth_service.tests.conftest import DEVICE, World, open_world
from shared.revocation import EndedSession
from shared.tokens import KeyRing

GRACE, IDLE = 10, 14 * 24 * 3600
HISTORIES = int(os.environ.get("ROTATION_HISTORIES", "500"))


@dataclass
class Model:
    """What the rule table says of one session, in terms of the tokens themselves."""

    current: str
    issued_at: float
    previous: str | None = None
    is_alive: bool = True

    def present(self, token: str, now: float) -> str:
        """The row of the table that applies."""
        if not self.is_alive:
            return "dead"
        if token == self.current:
            return "rotate"
        if token == self.previous:
            return "same" if now - self.issued_at <= GRACE else "sibling"
        return "reuse"

    def follow(self, verdict: str, successor: str, now: float) -> None:
        """The state after an answer."""
        if verdict == "rotate":
            self.previous, self.current, self.issued_at = self.current, successor, now
        elif verdict == "sibling":
            self.current, self.issued_at = successor, now


@dataclass
class History:
    """A session with an honest holder and, perhaps, a thief."""

    world: World
    model: Model
    honest: str
    stolen: str | None = None
    now: float = 0.0
    is_robbed: bool = False
    everything: set[str] = field(default_factory=set)

    async def present(self, token: str) -> str | None:
        """Refresh with this token; the successor, or None when the session is dead. The model must agree."""
        verdict = self.model.present(token, self.now)
        try:
            successor = (await self.world.sessions.refresh(token, DEVICE)).refresh_token
        except TokenReuse:
            assert verdict == "reuse"
            self.model.is_alive = False
            return None
        except InvalidGrant:
            assert verdict == "dead"
            return None
        assert verdict in ("rotate", "same", "sibling")
        if verdict == "same":
            assert successor == self.model.current
        else:
            assert successor not in self.everything
        self.everything.add(successor)
        self.model.follow(verdict, successor, self.now)
        return successor

    async def refresh(self) -> None:
        """The honest device refreshes and gets the answer."""
        successor = await self.present(self.honest)
        if successor is None:
            assert self.is_robbed, "an honest device was signed out"
        else:
            self.honest = successor

    async def lose_answer(self) -> None:
        """The honest device refreshes and never hears of it."""
        if await self.present(self.honest) is None:
            assert self.is_robbed, "an honest device was signed out"

    async def race(self) -> None:
        """Tabs of one browser refresh at once and all keep what came last."""
        before = self.model.present(self.honest, self.now)
        calls = [self.world.sessions.refresh(self.honest, DEVICE) for _ in range(4)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        tokens = {answer.refresh_token for answer in answers if not isinstance(answer, BaseException)}
        if before in ("dead", "reuse"):
            assert self.is_robbed
            assert not tokens
            self.model.is_alive = False
            return
        assert len(tokens) == 1
        assert not any(isinstance(answer, BaseException) for answer in answers)
        self.honest = tokens.pop()
        self.everything.add(self.honest)
        self.model.follow(before, self.honest, self.now)

    async def steal(self) -> None:
        """Somebody copies the token that the honest device holds."""
        self.stolen = self.honest

    async def use_stolen(self) -> None:
        """The thief refreshes with the copy."""
        if self.stolen is not None:
            self.is_robbed = True
            successor = await self.present(self.stolen)
            self.stolen = successor or self.stolen

    async def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds
        self.world.clock.advance(seconds)


ACTIONS: dict[str, Callable[[History], Awaitable[None]]] = {
    "refresh": History.refresh,
    "lose answer": History.lose_answer,
    "race": History.race,
    "steal": History.steal,
    "use stolen": History.use_stolen,
    "wait 3": lambda history: history.wait(3),
    "wait 11": lambda history: history.wait(11),
}


async def _play(world: World, actions: list[str]) -> None:
    other_device = await world.sign_in()
    first = await world.sign_in()
    history = History(world, Model(first, 0.0), honest=first, everything={first})
    for action in actions:
        await ACTIONS[action](history)
    # After a theft both sides go on using what they have: within one cycle of each the session is dead.
    if history.is_robbed and history.stolen != history.honest:
        for _ in range(2):
            await history.wait(11)
            await history.use_stolen()
            await history.refresh()
        assert not history.model.is_alive
    elif not history.is_robbed:
        await history.refresh()
        assert history.model.is_alive
    assert (await world.sessions.refresh(other_device, DEVICE)).refresh_token


class InstantPasswords(Passwords):
    """Hashing is not what this test is about, and two sign-ins per history would be most of its time."""

    async def verify(self, password: str, hashed: str | None) -> tuple[bool, str | None]:
        return hashed is not None, None


@pytest.mark.timeout(300)
def test_every_history_follows_the_table(account: Path, tmp_path: Path) -> None:
    passwords = InstantPasswords()
    with asyncio.Runner() as runner:
        opened = open_world(Path(shutil.copy(account, tmp_path)), passwords)
        world = runner.run(opened.__aenter__())

        @settings(max_examples=HISTORIES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(st.sampled_from(sorted(ACTIONS)), min_size=3, max_size=25))
        def play(actions: list[str]) -> None:
            world.clock.advance(60)  # later than every history before, so that theirs are the older sessions
            runner.run(_play(world, actions))

        play()
        runner.run(opened.__aexit__(None, None, None))
    passwords.close()


async def test_a_session_ends_when_nobody_comes(world: World) -> None:
    token = await world.sign_in()
    world.clock.advance(IDLE - 1)
    token = (await world.sessions.refresh(token, DEVICE)).refresh_token
    world.clock.advance(IDLE)
    with pytest.raises(InvalidGrant):
        await world.sessions.refresh(token, DEVICE)


async def test_a_busy_session_ends_too(world: World) -> None:
    token, grant = await world.sign_in(), None
    for _ in range(12):
        world.clock.advance(7 * 24 * 3600)
        grant = await world.sessions.refresh(token, DEVICE)
        token = grant.refresh_token
    assert grant is not None
    world.clock.advance(6 * 24 * 3600 - 60)
    grant = await world.sessions.refresh(token, DEVICE)
    assert grant.expires_in == 60
    world.clock.advance(60)
    with pytest.raises(InvalidGrant):
        await world.sessions.refresh(grant.refresh_token, DEVICE)


async def test_reuse_ends_one_session_in_every_service(world: World) -> None:
    stolen, other = await world.sign_in(), await world.sign_in()
    grant = await world.sessions.refresh(stolen, DEVICE)
    grant = await world.sessions.refresh(grant.refresh_token, DEVICE)
    with pytest.raises(TokenReuse):
        await world.sessions.refresh(stolen, DEVICE)
    assert world.revocations.is_ended(world.session_of(grant.access_token))
    with pytest.raises(InvalidGrant):
        await world.sessions.refresh(grant.refresh_token, DEVICE)
    grant = await world.sessions.refresh(other, DEVICE)
    assert not world.revocations.is_ended(world.session_of(grant.access_token))


async def test_no_token_survives_a_logout_that_races_it(world: World) -> None:
    for _ in range(20):
        token = await world.sign_in()
        calls = [world.sessions.refresh(token, DEVICE) for _ in range(8)]
        answers = await asyncio.gather(*calls, world.sessions.sign_out(token=token), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, Grant):
                assert world.revocations.is_ended(world.session_of(answer.access_token))
                with pytest.raises(InvalidGrant):
                    await world.sessions.refresh(answer.refresh_token, DEVICE)


async def test_a_forged_token_ends_nothing(world: World) -> None:
    token = await world.sign_in()
    parsed = parse(token)
    assert parsed is not None
    ring = KeyRing(["B7uXe1-GkQ9zVw5RtY3mN8sLpA2dHc6J"])
    forged = make(ring, ring.current.kid, parsed.session_id, 0, new_nonce()).text
    with pytest.raises(InvalidGrant) as caught:
        await world.sessions.refresh(forged, DEVICE)
    assert not isinstance(caught.value, TokenReuse)
    await world.sessions.sign_out(token=forged)
    await world.sessions.refresh(token, DEVICE)


async def test_the_database_holds_nothing_that_opens_a_session(world: World) -> None:
    token = await world.sign_in()
    token = (await world.sessions.refresh(token, DEVICE)).refresh_token
    async with world.database.read() as connection:
        rows = (await connection.execute(select(*SessionRow.__table__.columns))).all()
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    stored = b"".join(value for row in rows for value in row if isinstance(value, bytes))
    assert raw not in stored
    assert raw[-32:] not in stored


async def test_one_device_too_many_ends_the_one_used_least(
    world: World, housekeeping: Housekeeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_SESSIONS", 3)
    used, unused = await world.sign_in(), await world.sign_in()
    world.clock.advance(1)
    used = (await world.sessions.refresh(used, DEVICE)).refresh_token
    world.clock.advance(1)
    last = [await world.sign_in() for _ in range(2)][-1]
    await housekeeping.clean()
    with pytest.raises(InvalidGrant):
        await world.sessions.refresh(unused, DEVICE)
    for token in (used, last):
        await world.sessions.refresh(token, DEVICE)


async def test_housekeeping_forgets_the_dead_only(world: World, housekeeping: Housekeeping) -> None:
    dead, alive = await world.sign_in(), await world.sign_in()
    await world.sessions.sign_out(token=dead)
    world.clock.advance(3 * 24 * 3600)
    await housekeeping.clean()
    async with world.database.read() as connection:
        assert len((await connection.execute(select(SessionRow.id))).all()) == 1
        assert (await connection.execute(select(EndedSession.session_id))).all() == []
    await world.sessions.refresh(alive, DEVICE)
