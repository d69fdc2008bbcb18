"""Keeps one account's backlog or slowness from holding everybody else's tasks. Pure, but for its memory.

A lane is one queue, so a flood of one account stands in front of all others. A party that has its share of
the slots, while the lane is late or its tasks are stuck and others were there a moment ago, is sent on to a
queue beside the lane: one hop, in order, and out of the way. So is one whose tasks hold their slots long
(each waits for its turn at a system that is down, say), as soon as all slots but the last share are taken:
those are for whoever is done soon.

What is slow has a side queue of its own: what was only many at once must not stand behind it. Tasks that call
nobody are never slow, however long they took while our own servers stood still.
"""

from dataclasses import dataclass
from typing import NamedTuple

from shared.tasks import Side

SHARE_OF_SLOTS = 4
LATE_S = 2.0
STUCK_S = 2.0
LONG_S = 0.1
REMEMBER_S = 60.0
_WEIGHT_OF_ONE = 1 / 8


class Party(NamedTuple):
    """Whose tasks are weighed together: an account's, a shop's without one, and those that call nobody."""

    shop_id: int
    account_id: int | None = None
    calls_nobody: bool = False


@dataclass(slots=True)
class _Activity:
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
        self._parties: dict[Party, _Activity] = {}  # by when they were last seen

    def way_for(self, party: Party, *, waited_s: float, now: float) -> Side | None:
        """Where its next task, which waited so long, makes room for others. None: it may run."""
        activity = self._see(party, now)
        if len(self._parties) == 1 or not activity.running:
            return None
        is_stuck = now - activity.active_at > STUCK_S
        is_slow = not party.calls_nobody and (is_stuck or activity.holds_s >= LONG_S)
        if activity.running >= self._share and (is_stuck or waited_s > LATE_S):
            return Side.SLOW if is_slow else Side.OVERFLOW
        return Side.SLOW if is_slow and self._has_its_part(activity) else None

    def start(self, party: Party, now: float) -> None:
        self._parties.setdefault(party, _Activity(now)).start(now)

    def end(self, party: Party, now: float, *, held_s: float) -> None:
        """Something of the party got done, so it is not stuck."""
        self._parties[party].end(now, held_s=held_s)

    def _has_its_part(self, activity: _Activity) -> bool:
        """Of all slots but the last share, once these are taken: as much as any other that runs."""
        running = [other.running for other in self._parties.values() if other.running]
        shared = self._slots - self._share
        return sum(running) >= shared and activity.running >= shared // len(running)

    def _see(self, party: Party, now: float) -> _Activity:
        activity = self._parties.pop(party, None) or _Activity(now)
        activity.seen_at = now
        self._parties[party] = activity
        self._forget(now)
        return activity

    def _forget(self, now: float) -> None:
        """Who has not been seen for long; who still runs something is there."""
        while now - (oldest := next(iter(self._parties.items())))[1].seen_at > REMEMBER_S:
            party, activity = oldest
            del self._parties[party]
            if activity.running:
                activity.seen_at = now
                self._parties[party] = activity
