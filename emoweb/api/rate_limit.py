"""Limits the requests per minute from one address: in this process, or in all of them through Redis."""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings

WINDOW_S = 60.0
# Above this number, addresses without a request in the last minute are removed.
MOST_ADDRESSES = 10_000
# After a timeout Redis is not used for a while, so that an outage does not delay every request.
TIMEOUT_S: Final = 0.25
LEFT_ALONE_S: Final = 5.0
# One atomic script, so that two processes cannot both use the last request. Uses Redis' own clock.
COUNT: Final = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local window, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
if redis.call('ZCARD', KEYS[1]) >= limit then
    local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
    return tostring(oldest[2] + window - now)
end
redis.call('ZADD', KEYS[1], now, ARGV[3])
redis.call('EXPIRE', KEYS[1], math.ceil(window))
return '0'
"""
logger = logging.getLogger(__name__)


class RateLimit:
    """A sliding one-minute window for each address, in this process only."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without requests."""
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: dict[str, deque[float]] = {}

    def wait_s(self, address: str, limit: int) -> int:
        """Count a request; return 0 if it is allowed, else the number of seconds until the next one is.

        A refused request is not counted: a client that waits for Retry-After is served. 0 means no limit.
        """
        if limit == 0:
            return 0
        now = self._clock()
        with self._lock:
            asked = self._asked.setdefault(address, deque())
            while asked and now - asked[0] >= WINDOW_S:
                asked.popleft()
            if len(asked) >= limit:
                return max(math.ceil(asked[0] + WINDOW_S - now), 1)
            asked.append(now)
            if len(self._asked) > MOST_ADDRESSES:
                self._forget(now)
        return 0

    def _forget(self, now: float) -> None:
        self._asked = {address: asked for address, asked in self._asked.items() if now - asked[-1] < WINDOW_S}


class SharedRateLimit:
    """A sliding one-minute window per address across all processes; per process without Redis."""

    def __init__(self, address: str, window_s: float = WINDOW_S) -> None:
        """Connect to Redis at the first request; a place is free again after `window_s` seconds."""
        import redis  # takes half a second, which a site without Redis should not spend at every start

        client: Any = redis.Redis.from_url(
            address, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
        )
        self._count = client.register_script(COUNT)
        self._unavailable: type[Exception] = redis.RedisError
        self._window_s = window_s
        self._local = RateLimit()
        self._left_alone_until = 0.0

    def wait_s(self, address: str, limit: int) -> int:
        """Count a request, as `RateLimit.wait_s` does."""
        if limit == 0:
            return 0
        if time.monotonic() < self._left_alone_until:
            return self._local.wait_s(address, limit)
        try:
            wait = float(
                self._count(keys=[_key(address)], args=[self._window_s, limit, secrets.token_hex(8)])
            )
        except self._unavailable as error:
            self._left_alone_until = time.monotonic() + LEFT_ALONE_S
            logger.warning("Redis is unavailable (%s); this process counts requests locally.", error)
            return self._local.wait_s(address, limit)
        return max(math.ceil(wait), 1) if wait > 0 else 0


def _key(address: str) -> str:
    # Redis does not receive the address itself.
    digest = hmac.new(settings.SECRET_KEY.encode(), address.encode(), hashlib.sha256).hexdigest()
    return f"emoweb:asked:{digest[:32]}"
