"""What new transitions tell of kinds of failure: each group as a whole, and by hour. Pure.

As with all counters, only events that were new move them, and in whatever order they come the result is the
same: sums, the first and the last moment, and the words of the newest failure.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from query_api.recorder.events import Event
from query_api.recorder.fold import NO_ACCOUNT
from shared.envelope import State


class Kind(NamedTuple):
    """Failures that are equal but for ids and values."""

    shop_id: int
    fingerprint: str


class Group(NamedTuple):
    """All failures of a kind. The words are those of the newest, which is the example."""

    type: str
    error_kind: str
    place: str
    message: str
    remedy: str
    n: int
    first_at: datetime
    last_at: datetime
    example_id: UUID

    def plus(self, other: "Group") -> "Group":
        newest = max(self, other, key=_age)
        return newest._replace(n=self.n + other.n, first_at=min(self.first_at, other.first_at))


class Hour(NamedTuple):
    """One hour of one account's failures of a kind."""

    kind: Kind
    bucket: datetime
    account_id: int


class Failures:
    """The failures among some events, added up."""

    def __init__(self) -> None:
        self._groups: dict[Kind, Group] = {}
        self._hours: dict[Hour, int] = {}

    def add(self, event: Event) -> None:
        """A task that failed for good; attempts that are repeated are no failures."""
        failure = event.detail.get("failure")
        if event.state is not State.FAILED or not failure:
            return
        kind, group = Kind(event.header["shop_id"], failure["fingerprint"]), _group(event, failure)
        self._groups[kind] = self._groups[kind].plus(group) if kind in self._groups else group
        hour = Hour(kind, _hour(event.occurred_at), event.header.get("account_id") or NO_ACCOUNT)
        self._hours[hour] = self._hours.get(hour, 0) + 1

    def groups(self) -> list[tuple[Kind, Group]]:
        """In lock order."""
        return sorted(self._groups.items(), key=lambda item: item[0])

    def hours(self) -> list[tuple[Hour, int]]:
        """In lock order."""
        return sorted(self._hours.items())


def group_columns(groups: Iterable[tuple[Kind, Group]]) -> Mapping[str, Any]:
    """One array for each column."""
    rows = [(*kind, *group) for kind, group in groups]
    names = ("shop_ids", "fingerprints", "types", *Group._fields[1:])
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def hour_columns(hours: Iterable[tuple[Hour, int]]) -> Mapping[str, Any]:
    """One array for each column."""
    rows = [(*hour.kind, hour.bucket, hour.account_id, n) for hour, n in hours]
    names = ("shop_ids", "fingerprints", "buckets", "account_ids", "n")
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def _age(group: Group) -> tuple[datetime, int]:
    return group.last_at, group.example_id.int


def _group(event: Event, failure: Mapping[str, Any]) -> Group:
    return Group(
        type=event.header["type"],
        error_kind=failure["kind"],
        place=failure["place"],
        message=failure["message"],
        remedy=failure["remedy"],
        n=1,
        first_at=event.occurred_at,
        last_at=event.occurred_at,
        example_id=event.task_id,
    )


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
