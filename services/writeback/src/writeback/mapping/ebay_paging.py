"""Where a page of eBay's is. Pure.

The lists shift while they are read: what changes meanwhile leaves the time that was asked for, and what
follows moves forward. So where a list got shorter, as much of it is read again, and nothing is missed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

import orjson


@dataclass(frozen=True, slots=True)
class Spot:
    """The time that is asked for, how many entries or pages lie before, and how long the list is."""

    since: datetime
    until: datetime
    position: int = 0
    total: int | None = None

    def after(self, step: int, *, total: int | None, is_last: bool, size: int = 1) -> "Spot | None":
        """The next spot, `step` positions of `size` entries further; None: that was the last."""
        if lost := self._lost(total):
            return replace(self, position=max(0, self.position - ceil(lost / size)), total=total)
        return None if is_last else replace(self, position=self.position + step, total=total)

    def _lost(self, total: int | None) -> int:
        """By how many entries the list got shorter; at its beginning that does not matter."""
        if self.position == 0 or self.total is None or total is None:
            return 0
        return max(0, self.total - total)

    def __str__(self) -> str:
        facts = {"since": self.since, "until": self.until, "position": self.position, "total": self.total}
        return orjson.dumps(facts).decode()


def spot_of(cursor: str) -> Spot:
    """What `str` of a spot was."""
    facts = orjson.loads(cursor)
    since, until = datetime.fromisoformat(facts["since"]), datetime.fromisoformat(facts["until"])
    return Spot(since, until, facts["position"], facts["total"])
