"""Which stretch of time statistics are told for, and in which steps. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

Step = Literal["minute", "hour", "day"]

SHOWN: dict[Step, timedelta] = {
    "minute": timedelta(hours=1),
    "hour": timedelta(hours=24),
    "day": timedelta(days=30),
}
LONGEST: dict[Step, timedelta] = {
    "minute": timedelta(days=1),
    "hour": timedelta(days=31),
    "day": timedelta(days=366),
}
_MINUTES_UP_TO = timedelta(hours=3)
_HOURS_UP_TO = timedelta(days=7)
# Before this nothing was counted; times too far away have no date everywhere.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


class Untellable(Exception):
    """`field` is what has to be different, `text` how."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
        self.text = text


@dataclass(frozen=True, slots=True)
class Span:
    start: datetime
    end: datetime


def span_of(start: datetime | None, end: datetime | None, shown: timedelta, *, known_until: datetime) -> Span:
    """Up to what is known, and by default so much of it as is `shown`. Raises Untellable."""
    end = min(end or known_until, known_until)
    for field, moment in (("to", end), ("from", start or end)):
        if moment <= BEGINNING:
            raise Untellable(field, f"Nothing was counted before the year {BEGINNING.year}.")
    start = start or max(end - shown, BEGINNING)
    if start >= end:
        raise Untellable("from", f"It does not lie before the end, {end.isoformat(timespec='seconds')}.")
    return Span(start, end)


def stepped_span(
    start: datetime | None, end: datetime | None, step: Step | None, *, known_until: datetime
) -> tuple[Span, Step]:
    """Without a step: the one that fits. Raises Untellable, also for more buckets than are told at once."""
    span = span_of(start, end, SHOWN[step or "hour"], known_until=known_until)
    length = span.end - span.start
    step = step or _fitting(length)
    if length > LONGEST[step]:
        raise Untellable("from", f"By {step} at most {_words(LONGEST[step])} are told at once.")
    return span, step


def whole_span(start: datetime | None, end: datetime | None, *, known_until: datetime) -> Span:
    """A day by default. Raises Untellable."""
    span = span_of(start, end, SHOWN["hour"], known_until=known_until)
    if span.end - span.start > LONGEST["day"]:
        raise Untellable("from", f"At most {_words(LONGEST['day'])} are told at once.")
    return span


def _fitting(length: timedelta) -> Step:
    if length <= _MINUTES_UP_TO:
        return "minute"
    return "hour" if length <= _HOURS_UP_TO else "day"


def _words(length: timedelta) -> str:
    return "24 hours" if length.days == 1 else f"{length.days} days"
