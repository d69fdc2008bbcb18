"""A leaky bucket: points come back all the time, up to its size."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Bucket:
    size: float
    rate: float
    clock: Callable[[], float] = time.monotonic
    _points: float = field(init=False)
    _as_of: float = field(init=False)

    def __post_init__(self) -> None:
        self._points, self._as_of = self.size, self.clock()

    def available(self) -> float:
        now = self.clock()
        self._points = min(self.size, self._points + (now - self._as_of) * self.rate)
        self._as_of = now
        return self._points

    def give_back(self, points: float) -> None:
        self._points = min(self.size, self.available() + points)

    def charge(self, points: float) -> None:
        self._points = self.available() - points

    def fill_to(self, points: float) -> None:
        self.available()
        self._points = min(points, self.size)

    def resize(self, *, size: float, rate: float) -> None:
        """Another size and rate; what is in it stays, as far as it fits. A full one stays full."""
        full = self.available() >= self.size
        self.size, self.rate = size, rate
        self._points = size if full else min(self._points, size)
