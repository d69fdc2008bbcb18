"""Stretches of time that lists are narrowed to. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time; None: open. `until` is exclusive."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, moment: datetime | None) -> bool:
        """What never was is in no stretch but the one that is open at both ends."""
        if moment is None:
            return self.is_open
        return (self.since is None or self.since <= moment) and (self.until is None or moment < self.until)

    @property
    def is_open(self) -> bool:
        return self.since is None and self.until is None


ANY_TIME = Span()
