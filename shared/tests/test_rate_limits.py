"""Limits: how many, how long, and what happens while Valkey is down."""

import pytest

from shared.errors import TooMany
from shared.rate_limits import RateLimits, backoff_seconds

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture(params=[None, NOBODY_LISTENS], ids=["alone", "valkey-down"])
def limits(request: pytest.FixtureRequest) -> RateLimits:
    return RateLimits(enabled=True, redis_url=request.param)


async def test_over_the_limit_says_when_to_come_back(limits: RateLimits) -> None:
    for _ in range(3):
        await limits.hit("3/minute", "login", "a")
    with pytest.raises(TooMany) as caught:
        await limits.hit("3/minute", "login", "a")
    assert caught.value.retry_after is not None
    assert 1 <= caught.value.retry_after <= 60
    await limits.hit("3/minute", "login", "b")


async def test_from_the_fifth_failure_on_one_waits(limits: RateLimits) -> None:
    for number in range(4):
        assert await limits.admit(("100/minute", "login", "a")) == (number > 0)
        await limits.count_failure("login", "a")
    await limits.admit(("100/minute", "login", "a"))
    await limits.count_failure("login", "a")
    with pytest.raises(TooMany) as caught:
        await limits.admit(("100/minute", "login", "a"))
    assert caught.value.retry_after is not None
    assert 28 <= caught.value.retry_after <= 31
    await limits.admit(("100/minute", "login", "b"))


async def test_what_can_fail_has_a_limit_too(limits: RateLimits) -> None:
    for _ in range(3):
        assert not await limits.admit(("3/minute", "login", "a"))
    with pytest.raises(TooMany) as caught:
        await limits.admit(("3/minute", "login", "a"))
    assert caught.value.retry_after is not None
    assert 30 < caught.value.retry_after <= 60
    await limits.admit(("3/minute", "login", "b"))


async def test_a_try_that_one_limit_refuses_does_not_count_for_the_next(limits: RateLimits) -> None:
    of_address, of_account = ("2/minute", "address", "a"), ("3/minute", "login", "a")
    for _ in range(2):
        await limits.admit(of_address, of_account)
    for _ in range(3):
        with pytest.raises(TooMany):
            await limits.admit(of_address, of_account)
    await limits.admit(("2/minute", "address", "b"), of_account)
    with pytest.raises(TooMany):
        await limits.admit(("2/minute", "address", "b"), of_account)


async def test_success_forgives(limits: RateLimits) -> None:
    for _ in range(4):
        await limits.count_failure("login", "a")
    assert await limits.admit(("100/minute", "login", "a"))
    await limits.forgive("login", "a")
    assert not await limits.admit(("100/minute", "login", "a"))
    for _ in range(4):
        await limits.count_failure("login", "a")
    await limits.admit(("100/minute", "login", "a"))


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    assert [backoff_seconds(n) for n in range(12)] == [0] * 5 + [30, 60, 120, 240, 480, 900, 900]
    assert backoff_seconds(10_000_000) == 900


async def test_off_is_off() -> None:
    limits = RateLimits(enabled=False, redis_url=None)
    for _ in range(100):
        await limits.hit("1/hour", "login", "a")
        await limits.count_failure("login", "a")
        assert not await limits.admit(("1/hour", "login", "a"))
