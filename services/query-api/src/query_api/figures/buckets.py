"""Buckets of time without a gap, and the counters that fill them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from query_api.figures.spans import Span, Step

_STEPS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_HOUR = _STEPS["hour"]
_DAY = timedelta(days=1)

Range = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Buckets:
    """`edges`: where each begins, and where the last ends. `days`: the dates they are, if they are days."""

    edges: tuple[datetime, ...]
    days: tuple[date, ...] = ()

    def __len__(self) -> int:
        return len(self.edges) - 1


@dataclass(frozen=True, slots=True)
class Counters:
    """Which counters to read: those of whole hours, and those of minutes; ends are exclusive."""

    hours: tuple[Range, ...]
    minutes: tuple[Range, ...]


def buckets_of(span: Span, step: Step, zone: ZoneInfo) -> Buckets:
    """From the bucket the span begins in to the one it ends in; days are those of the zone."""
    if step == "day":
        return _days(span, zone)
    length = _STEPS[step]
    edges = [_floor(span.start, length)]
    while edges[-1] < span.end:
        edges.append(edges[-1] + length)
    return Buckets(tuple(edges))


def cut(buckets: Buckets, until: datetime) -> Buckets:
    """Only what lies before a moment; the bucket it falls in ends there."""
    edges = [edge for edge in buckets.edges[:-1] if edge < until]
    return Buckets((*edges, min(until, buckets.edges[len(edges)])), buckets.days[: len(edges)])


def whole(span: Span) -> Buckets:
    """The span as one bucket of whole minutes."""
    minute = _STEPS["minute"]
    end = _floor(span.end, minute)
    return Buckets((_floor(span.start, minute), end if end == span.end else end + minute))


def counters_for(buckets: Buckets, step: Step, *, minutes_since: datetime) -> Counters:
    """Minutes where an edge lies within an hour, and for steps of a minute; hours for the rest.

    Where minutes are not kept any more, an hour with an edge in it belongs where it begins.
    """
    first, last = buckets.edges[0], buckets.edges[-1]
    if step == "minute":
        return Counters((), ((first, last),))
    hours = {_floor(edge, _HOUR) for edge in buckets.edges if edge != _floor(edge, _HOUR)}
    split = sorted(hour for hour in hours if hour >= minutes_since)
    minutes = tuple((max(hour, first), min(hour + _HOUR, last)) for hour in split)
    return Counters(_between(first, last, split), minutes)


def first_kept(now: datetime, days: int) -> datetime:
    """From when on all minutes are there, when they are kept for so many days."""
    return _floor(now - days * _DAY, _HOUR) + _HOUR


def _between(first: datetime, last: datetime, split: Sequence[datetime]) -> tuple[Range, ...]:
    """The hours that begin in the range, but for some."""
    begin = _floor(first, _HOUR)
    starts = [begin if begin == first else begin + _HOUR, *(hour + _HOUR for hour in split)]
    if split and split[0] < first:
        starts = starts[1:]
        split = split[1:]
    ends = [*split, last]
    return tuple((start, end) for start, end in zip(starts, ends, strict=True) if start < end)


def _days(span: Span, zone: ZoneInfo) -> Buckets:
    day = span.start.astimezone(zone).date()
    dates, edges = [], [_start_of(day, zone)]
    while edges[-1] < span.end:
        dates.append(day)
        day += _DAY
        edges.append(_start_of(day, zone))
    lived = [number for number, (start, end) in enumerate(pairwise(edges)) if start < end]
    return Buckets(
        (*(edges[number] for number in lived), edges[-1]), tuple(dates[number] for number in lived)
    )


def _start_of(day: date, zone: ZoneInfo) -> datetime:
    """Midnight, or where the clock skipped it the first moment after; a skipped date has no length."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _floor(moment: datetime, length: timedelta) -> datetime:
    return moment - (moment - datetime(2000, 1, 1, tzinfo=UTC)) % length


def together(parts: Sequence[Buckets]) -> Buckets:
    """Days of several zones by their dates: each from where it first begins, until all have ended."""
    starts: dict[date, datetime] = {}
    for part in parts:
        for day, start in zip(part.days, part.edges, strict=False):
            starts[day] = min(start, starts.get(day, start))
    days = tuple(sorted(starts))
    return Buckets((*(starts[day] for day in days), max(part.edges[-1] for part in parts)), days)
