"""The API's limit over several processes, with a real Redis."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emoweb.api.rate_limit import SharedRateLimit
from tests.redis import Redis, redis_program

WINDOW_S = 2.0


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    program = redis_program()
    if program is None:
        pytest.skip("Redis is not installed (Debian: apt-get install redis-server)")
    server = Redis(tmp_path, program)
    server.start()
    yield server
    server.stop()


def test_two_processes_count_together_and_addresses_apart(redis: Redis) -> None:
    one, other = SharedRateLimit(redis.address), SharedRateLimit(redis.address)
    assert [one.wait_s("a", 3), other.wait_s("a", 3), one.wait_s("a", 3)] == [0, 0, 0]
    assert 1 <= other.wait_s("a", 3) <= 60
    assert other.wait_s("b", 3) == 0


def test_a_client_that_waits_for_retry_after_is_served_and_a_refusal_does_not_count(redis: Redis) -> None:
    limit = SharedRateLimit(redis.address, WINDOW_S)
    assert limit.wait_s("a", 1) == 0
    waits = [limit.wait_s("a", 1) for _ in range(5)]
    assert all(1 <= wait <= WINDOW_S for wait in waits)
    time.sleep(waits[-1])
    assert limit.wait_s("a", 1) == 0


def test_without_redis_each_process_counts_locally(redis: Redis) -> None:
    one, other = SharedRateLimit(redis.address), SharedRateLimit(redis.address)
    redis.stop()
    assert [limit.wait_s("a", 1) for limit in (one, other)] == [0, 0]
    assert one.wait_s("a", 1) > 0


def test_a_limit_of_0_makes_no_query() -> None:
    assert SharedRateLimit("redis://127.0.0.1:1/0").wait_s("a", 0) == 0


def test_redis_never_receives_an_address(redis: Redis) -> None:
    limit = SharedRateLimit(redis.address)
    limit.wait_s("192.0.2.7", 1)
    keys = limit._count.registered_client.keys()
    assert len(keys) == 1
    assert b"192.0.2.7" not in keys[0]
