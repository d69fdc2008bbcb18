"""How often one token may ask: a bucket for each, in this process. Pure but for the clock it is given."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class RateLimit:
    """A minute's worth may come at once, then as many as the minute's share lets pass.

    Each replica counts for itself, so that no request waits for a counter elsewhere: behind a balancer a
    token gets as many times the limit as there are replicas.
    """

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity = float(per_minute)
        self._per_second = per_minute / 60
        self._clock = clock
        self._buckets: dict[int, _Bucket] = {}

    def wait_s(self, token_id: int) -> float:
        """0: the request is counted and may pass. Else the seconds until one may."""
        now = self._clock()
        bucket = self._buckets.setdefault(token_id, _Bucket(self._capacity, now))
        bucket.left = min(self._capacity, bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        if bucket.left < 1:
            return (1 - bucket.left) / self._per_second
        bucket.left -= 1
        return 0.0
