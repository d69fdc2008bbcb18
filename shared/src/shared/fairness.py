"""Keeps one account's backlog or slowness from holding everybody else's tasks. Pure, but for its memory.

A lane is one queue, so a flood of one account stands in front of all others. An account that has its share
of the slots, while the lane is late or its tasks are slow and others were there a moment ago, is sent on to
the lane's overflow queue: one hop, in order, and out of the way.
"""

from collections import Counter
from dataclasses import dataclass, field

SHARE_OF_SLOTS = 4
LATE_S = 2.0
SLOW_S = 2.0
REMEMBER_S = 60.0


@dataclass
class Fairness:
    """For one lane of one process with `slots` concurrent attempts. Times are monotonic seconds."""

    slots: int
    _running: Counter[int] = field(default_factory=Counter)
    _since: dict[int, float] = field(default_factory=dict)
    _seen: dict[int, float] = field(default_factory=dict)

    @property
    def share(self) -> int:
        return max(1, self.slots // SHARE_OF_SLOTS)

    def crowds(self, key: int, *, waited_s: float, now: float) -> bool:
        """Whether a task of this account, having waited so long for its turn, should make room for others."""
        self._note(key, now)
        if self._running[key] < self.share or not self._others(key):
            return False
        return waited_s > LATE_S or now - self._since.get(key, now) > SLOW_S

    def start(self, key: int, now: float) -> None:
        self._running[key] += 1
        self._since.setdefault(key, now)

    def end(self, key: int, now: float) -> None:
        """Something of the account got done, so it is not stuck."""
        self._running[key] -= 1
        if self._running[key] > 0:
            self._since[key] = now
        else:
            del self._running[key]
            self._since.pop(key, None)

    def _note(self, key: int, now: float) -> None:
        self._seen[key] = now
        if len(self._seen) > 1:
            self._seen = {k: at for k, at in self._seen.items() if now - at <= REMEMBER_S}

    def _others(self, key: int) -> bool:
        return any(other != key for other in self._seen)
