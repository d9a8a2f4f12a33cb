"""Hashing and judging passwords."""

import asyncio

import pytest
from passlib.hash import argon2

from auth_service.passwords import Passwords, common_passwords, is_too_common
from shared.errors import Unavailable


async def test_a_password_matches_itself_only() -> None:
    passwords = Passwords()
    hashed = await passwords.hash(" їжак\x00🙂 ")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.verify(" їжак\x00🙂 ", hashed) == (True, None)
    assert await passwords.verify("їжак\x00🙂", hashed) == (False, None)
    passwords.close()


async def test_old_parameters_are_upgraded() -> None:
    passwords = Passwords()
    old = argon2.using(type="ID", memory_cost=8192, time_cost=1, parallelism=1).hash("correct horse")
    matches, better = await passwords.verify("correct horse", old)
    assert matches
    assert better is not None
    assert "m=19456,t=2,p=1" in better
    passwords.close()


@pytest.mark.parametrize("hashed", [None, "", "garbage", "$argon2id$broken"])
async def test_without_a_hash_nothing_matches(hashed: str | None) -> None:
    passwords = Passwords()
    assert await passwords.verify("anything at all", hashed) == (False, None)
    passwords.close()


async def test_a_full_queue_sheds() -> None:
    passwords = Passwords(threads=1, max_waiting=2)
    results = await asyncio.gather(*(passwords.hash("correct horse") for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(result, str) for result in results) == 2
    assert sum(isinstance(result, Unavailable) for result in results) == 3
    passwords.close()


def test_the_most_common_ones_are_known() -> None:
    assert len(common_passwords()) >= 3000
    assert all(len(password) >= 8 for password in common_passwords())
    assert is_too_common("PassWord")
    assert not is_too_common("кіт на клавіатурі")
