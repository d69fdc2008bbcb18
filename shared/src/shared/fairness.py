"""Keeps one account's backlog or slowness from holding everybody else's tasks. Pure, but for its memory.

A lane is one queue, so a flood of one account stands in front of all others. An account that has its share
of the slots, while the lane is late or its tasks are stuck and others were there a moment ago, is sent on to
the lane's overflow queue: one hop, in order, and out of the way. So is one whose tasks hold their slots long
(each waits for its turn at a system that is down, say), as soon as all slots but the last share are taken:
those are for whoever is done soon.
"""

from dataclasses import dataclass

SHARE_OF_SLOTS = 4
LATE_S = 2.0
STUCK_S = 2.0
LONG_S = 0.1
REMEMBER_S = 60.0
_WEIGHT_OF_ONE = 1 / 8


@dataclass(slots=True)
class _Account:
    """`active_at`: when a task began to run beside no other, or else was over."""

    seen_at: float
    running: int = 0
    active_at: float = 0.0
    holds_s: float = 0.0

    def start(self, now: float) -> None:
        if not self.running:
            self.active_at = now
        self.running += 1

    def end(self, now: float, *, held_s: float) -> None:
        self.running -= 1
        self.active_at = now
        self.holds_s += (held_s - self.holds_s) * _WEIGHT_OF_ONE


class Fairness:
    """For one lane of one process with `slots` concurrent attempts. Times are monotonic seconds."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._share = max(1, slots // SHARE_OF_SLOTS)
        self._accounts: dict[int, _Account] = {}  # by when they were last seen

    def crowds(self, key: int, *, waited_s: float, now: float) -> bool:
        """Whether a task of this account, having waited so long for its turn, should make room for others."""
        account = self._see(key, now)
        if len(self._accounts) == 1 or not account.running:
            return False
        if account.running >= self._share and (waited_s > LATE_S or now - account.active_at > STUCK_S):
            return True
        return account.holds_s >= LONG_S and self._has_its_part(account)

    def start(self, key: int, now: float) -> None:
        self._accounts.setdefault(key, _Account(now)).start(now)

    def end(self, key: int, now: float, *, held_s: float) -> None:
        """Something of the account got done, so it is not stuck."""
        self._accounts[key].end(now, held_s=held_s)

    def _has_its_part(self, account: _Account) -> bool:
        """Of all slots but the last share, once these are taken: as much as any other that runs."""
        running = [other.running for other in self._accounts.values() if other.running]
        shared = self._slots - self._share
        return sum(running) >= shared and account.running >= shared // len(running)

    def _see(self, key: int, now: float) -> _Account:
        account = self._accounts.pop(key, None) or _Account(now)
        account.seen_at = now
        self._accounts[key] = account
        self._forget(now)
        return account

    def _forget(self, now: float) -> None:
        """Who has not been seen for long; who still runs something is there."""
        while now - (oldest := next(iter(self._accounts.items())))[1].seen_at > REMEMBER_S:
            key, account = oldest
            del self._accounts[key]
            if account.running:
                account.seen_at = now
                self._accounts[key] = account
