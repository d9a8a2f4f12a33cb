"""auth_service: refreshes a second against the naive app's one INSERT, and what a login costs beside its argon2.

The latter also for the least that a login can be, because most of it is neither ours nor to be had for less: caches
that have gone cold in the 20 ms of the verification. And while others sign in too, when the service need not be woken.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from uuid import uuid4

import uvloop

from auth_service.passwords import Passwords
from bench.load import TEXT
from bench.measure import Window, family, pinned, thread_seconds
from bench.options import Options
from bench.postgres import connected
from bench.results import Results, percentile
from bench.shapes import Target, least_login, limited_auth, naive, stack
from bench.web import Answer, Web

PASSWORD = "correct horse battery"  # noqa: S105 -- of people who live for one measurement
REFRESH, LOGIN = "refresh", "login"
TURN, POST = "refresh", "POST, one INSERT"
PARALLEL = 8
ALONE, IN_PARALLEL = "one after the other", f"{PARALLEL} in parallel"
LOGINS, LOGIN_PARTS = 320, 4
ACCOUNTS = 200
"""So many that none meets its limit, nor has hundreds of sessions."""
REST_SECONDS, RESTS = 2.0, 5


def run(results: Results, options: Options) -> None:
    """Both, each beside what it is compared with."""
    with naive() as target, pinned(target.app, on=options.pin):
        uvloop.run(_repeat(results, options, target, target.port, POST, _post))
    with stack(1) as target:
        assert target.stack is not None
        auth = replace(target, name="auth_service", roots=_auth_roots(target))
        uvloop.run(_set_passwords(target))
        with pinned(auth.app, on=options.pin):
            uvloop.run(_repeat(results, options, auth, auth.auth_port, TURN, _refresh))
        # Left to the scheduler: on one core argon2 would run where it is kept from running (docs/adr/0022).
        count = 4 * PARALLEL if options.quick else LOGINS
        with limited_auth(target.stack) as limited:
            uvloop.run(_logins(results, [auth, limited], count))
        with least_login(target.stack) as least:
            uvloop.run(_logins(results, [least], count))


def _auth_roots(target: Target) -> dict[str, list[int]]:
    assert target.stack is not None
    return {"app": [target.stack.auth.process.pid], "database": target.roots["database"]}


async def _set_passwords(target: Target) -> None:
    passwords = Passwords()
    hashed = await passwords.hash(PASSWORD)
    passwords.close()
    async with connected(target.dsn) as connection:
        await connection.execute("UPDATE users SET password_hash = $1 WHERE id <= $2", hashed, ACCOUNTS)


Exchange = Callable[[], Awaitable[None]]


async def _post(web: Web, number: int) -> Exchange:
    async def exchange() -> None:
        new = {"sender_id": number, "receiver_id": 99, "client_id": str(uuid4()), "text": TEXT}
        assert (await web.post_json("/api/messages", new)).status == 201

    return exchange


async def _refresh(web: Web, number: int) -> Exchange:
    tokens = (await _login(web, number)).json()

    async def exchange() -> None:
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        tokens.update((await web.post_form("/api/auth/token", form)).json())

    return exchange


async def _repeat(
    results: Results,
    options: Options,
    target: Target,
    port: int,
    case: str,
    prepare: Callable[[Web, int], Awaitable[Exchange]],
) -> None:
    webs = [await Web(port).__aenter__() for _ in range(PARALLEL)]
    exchanges = [await prepare(web, number) for number, web in enumerate(webs, start=1)]
    took: list[float] = []
    is_over = False

    async def keep_on(exchange: Exchange) -> None:
        while not is_over:
            started = time.perf_counter()
            await exchange()
            took.append(time.perf_counter() - started)

    tasks = [asyncio.create_task(keep_on(exchange)) for exchange in exchanges]
    await asyncio.sleep(options.warm_up)
    took.clear()
    window = Window.open(target.roots)
    await asyncio.sleep(options.seconds)
    window.close()
    times, is_over = list(took), True
    await asyncio.gather(*tasks)
    for web in webs:
        await web.__aexit__(None, None, None)
    _add(results, target, case, window, times)


def _add(results: Results, target: Target, case: str, window: Window, took: list[float]) -> None:
    results.add(
        REFRESH,
        target.name,
        case,
        **{
            "per s": len(took) / window.seconds,
            "CPU s/1000": sum(window.spent.values()) / len(took) * 1000,
            "p50 ms": percentile(took, 50) * 1000,
            "p99 ms": percentile(took, 99) * 1000,
            "others %": window.foreign_share * 100,
        },
    )


async def _login(web: Web, number: int) -> Answer:
    form = {"grant_type": "password", "username": f"person{number}", "password": PASSWORD}
    return await web.post_form("/api/auth/token", form, address=f"198.18.0.{number}")


def _verifying(target: Target) -> float:
    return thread_seconds(target.app, that_give_way=True)


Sides = Mapping[str, Sequence[int]]
"""All processes that take part, by what they are: `app`, `database`."""


def _spent(sides: Sides, since: Mapping[str, float] | None = None) -> dict[str, float]:
    return {side: thread_seconds(pids) - (since[side] if since else 0) for side, pids in sides.items()}


async def _spent_idly(sides: Sides) -> dict[str, float]:
    """CPU seconds a second while nobody asks; the median of some, because PostgreSQL tidies up now and then."""
    rests = []
    for _ in range(RESTS):
        before = _spent(sides)
        await asyncio.sleep(REST_SECONDS)
        rests.append(_spent(sides, before))
    return {side: statistics.median(rest[side] for rest in rests) / REST_SECONDS for side in sides}


async def _logins(results: Results, targets: Sequence[Target], count: int) -> None:
    """Signing in by turns in both ways: alone with a service that rests in between, and while others do the same.

    A login's argon2 is what the threads took that do nothing else. Verifications beside them, in this process, would be
    another machine's: a core of a virtual one is a fifth faster in one second, or than its neighbour, than in the next.
    What the same processes spend while nobody signs in (timers, PostgreSQL's writers) is not theirs, and taken off.
    """
    signed = [await _begin(target) for target in targets]
    numbers = itertools.count()
    for _ in range(LOGIN_PARTS):
        for parallel in (1, PARALLEL):
            for each in signed:
                part = await _sign_in(each, itertools.islice(numbers, count // LOGIN_PARTS), parallel)
                each.parts[parallel].append(part)
    for each in signed:
        for parallel in (1, PARALLEL):
            _add_logins(results, each, parallel)


@dataclass(frozen=True)
class _Part:
    """Some logins: CPU seconds of the processes and of the threads that verify, and how long each took."""

    window: Window
    spent: Mapping[str, float]
    verify: float
    took: list[float]


@dataclass(frozen=True)
class _Signed:
    """What signing in costs in one place."""

    target: Target
    sides: Sides
    idling: Mapping[str, float]
    parts: dict[int, list[_Part]]
    """By how many sign in at a time."""


async def _begin(target: Target) -> _Signed:
    async with AsyncExitStack() as opened:
        webs = [await opened.enter_async_context(Web(target.auth_port)) for _ in range(PARALLEL)]
        await asyncio.gather(*map(_login, webs, range(1, PARALLEL + 1)))  # by then it has all its connections
    sides = {side: family(roots) for side, roots in target.roots.items()}
    return _Signed(target, sides, await _spent_idly(sides), {1: [], PARALLEL: []})


def _add_logins(results: Results, signed: _Signed, parallel: int) -> None:
    parts = signed.parts[parallel]
    seconds = sum(part.window.seconds for part in parts)
    took = [second for part in parts for second in part.took]
    verify = sum(part.verify for part in parts) / len(took)
    each = {
        side: (sum(part.spent[side] for part in parts) - share * seconds) / len(took)
        for side, share in signed.idling.items()
    }
    results.add(
        LOGIN,
        signed.target.name,
        IN_PARALLEL if parallel > 1 else ALONE,
        **{
            "CPU ms": sum(each.values()) * 1000,
            "argon2 CPU ms": verify * 1000,
            "PostgreSQL CPU ms": each["database"] * 1000,
            "idle CPU ms/s": sum(signed.idling.values()) * 1000,
            "beyond argon2 %": (sum(each.values()) / verify - 1) * 100,
            "p50 ms": percentile(took, 50) * 1000,
            "others %": sum(part.window.foreign_share * part.window.seconds for part in parts) / seconds * 100,
        },
    )


async def _sign_in(signed: _Signed, numbers: Iterator[int], parallel: int) -> _Part:
    target, sides = signed.target, signed.sides
    took: list[float] = []

    async def keep_on(web: Web) -> None:
        for number in numbers:  # each takes the next one
            started = time.perf_counter()
            (await _login(web, 1 + number % ACCOUNTS)).json()
            took.append(time.perf_counter() - started)

    async with AsyncExitStack() as opened:
        webs = [await opened.enter_async_context(Web(target.auth_port)) for _ in range(parallel)]
        window, before, verify = Window.open(target.roots), _spent(sides), -_verifying(target)
        await asyncio.gather(*(keep_on(web) for web in webs))
        window.close()
        return _Part(window, _spent(sides, before), verify + _verifying(target), took)
