"""Randomness: asked for many bytes at a time, and none of them is given out twice."""

import os

import pytest

from shared.clock import POOL_BYTES, Pool, new_uuid


@pytest.fixture
def pool() -> Pool:
    return Pool()


@pytest.mark.parametrize("count", [1, 16, 24, POOL_BYTES])
def test_as_many_as_are_asked_for_and_never_the_same(pool: Pool, count: int) -> None:
    taken = [pool.take(count) for _ in range(300)]
    assert {len(some) for some in taken} == {count}
    if count >= 16:
        assert len(set(taken)) == 300


def test_a_forked_process_gets_others(pool: Pool) -> None:
    pool.take(16)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, pool.take(16))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 16) != pool.take(16)
    os.close(reader)
    os.close(writer)


def test_ids_are_random_uuids() -> None:
    assert new_uuid().version == 4
    assert len({new_uuid() for _ in range(500)}) == 500
