"""One kind of failure over all shops it touched: how it stands, and whether it happens more often. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

NEW_FOR = timedelta(hours=24)
_MUCH = 1.5


class FailureState(StrEnum):
    """`new`: first seen within 24 hours; `resolved`: a person said it is mended; `back`: it failed again."""

    NEW = "new"
    KNOWN = "known"
    RESOLVED = "resolved"
    BACK = "back"


class Direction(StrEnum):
    """The last 24 hours beside the 24 before."""

    RISING = "rising"
    STEADY = "steady"
    FALLING = "falling"


@dataclass(frozen=True, slots=True)
class ShopFailures:
    """A kind of failure in one shop, in the words of its newest failure. `domain` None: nobody's shop."""

    shop_id: int
    domain: str | None
    fingerprint: str
    type: str
    error_kind: str
    place: str
    message: str
    remedy: str
    n: int
    first_at: datetime
    last_at: datetime
    example_id: UUID
    example_order: str | None
    resolved_at: datetime | None
    resolved_by: str | None
    back_at: datetime | None

    def state(self, now: datetime) -> FailureState:
        if self.back_at is not None:
            return FailureState.BACK
        if self.resolved_at is not None:
            return FailureState.RESOLVED
        return FailureState.NEW if self.first_at > now - NEW_FOR else FailureState.KNOWN


@dataclass(frozen=True, slots=True)
class Failure:
    """A kind of failure; there is at least one shop."""

    shops: tuple[ShopFailures, ...]

    @property
    def newest(self) -> ShopFailures:
        """Its words are those of the whole."""
        return max(self.shops, key=lambda one: (one.last_at, one.example_id.int))

    @property
    def fingerprint(self) -> str:
        return self.shops[0].fingerprint

    @property
    def n(self) -> int:
        return sum(one.n for one in self.shops)

    @property
    def first_at(self) -> datetime:
        return min(one.first_at for one in self.shops)

    @property
    def last_at(self) -> datetime:
        return self.newest.last_at

    def state(self, now: datetime) -> FailureState:
        """Resolved when it is in every shop, back when it is in any; known when any has known it for long."""
        states = {one.state(now) for one in self.shops}
        order = (FailureState.BACK, FailureState.KNOWN, FailureState.NEW, FailureState.RESOLVED)
        return next(state for state in order if state in states)


def merged(rows: Iterable[ShopFailures]) -> list[Failure]:
    """One for each fingerprint."""
    found: dict[str, list[ShopFailures]] = {}
    for row in rows:
        found.setdefault(row.fingerprint, []).append(row)
    return [Failure(tuple(shops)) for shops in found.values()]


@dataclass(frozen=True, slots=True)
class Trend:
    """Failures by hour without a gap, the running hour last; at least two days of them."""

    start: datetime
    hours: tuple[int, ...]

    @property
    def last_24h(self) -> int:
        return sum(self.hours[-24:])

    @property
    def day_before(self) -> int:
        return sum(self.hours[-48:-24])

    @property
    def direction(self) -> Direction:
        if self.last_24h > self.day_before * _MUCH:
            return Direction.RISING
        return Direction.FALLING if self.last_24h * _MUCH < self.day_before else Direction.STEADY


def trend_of(counted: Sequence[tuple[datetime, int]], now: datetime, hours: int) -> Trend:
    """Of failures by hour; what lies before the first of so many hours is left out."""
    last = now.replace(minute=0, second=0, microsecond=0)
    start = last - timedelta(hours=hours - 1)
    found = [0] * hours
    for bucket, n in counted:
        place = (bucket - start) // timedelta(hours=1)
        if 0 <= place < hours:
            found[place] += n
    return Trend(start, tuple(found))
