"""Which counter buckets cover a stretch of time. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from query_api.figures.spans import BEGINNING

_HOUR = timedelta(hours=1)
# The running bucket is counted whole, and what clocks that run ahead have written after it.
_OPEN = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes from `start` up to `hours_from`, then hours up to `hours_to`, then minutes up to `end`."""

    start: datetime
    hours_from: datetime
    hours_to: datetime
    end: datetime


def window_since(start: datetime) -> Window:
    """From the beginning of `start`'s minute until now."""
    return window_between(start, _OPEN)


def window_between(start: datetime, end: datetime) -> Window:
    """From the beginning of the one's minute to the beginning of the other's."""
    start, end = _minute(start), _minute(end)
    hours_from = min(_full_hour(start), end)
    return Window(start, hours_from, max(_hour(end), hours_from), end)


def told_until(moment: datetime, *, minutes_since: datetime) -> datetime:
    """The moment as exactly as counters tell it: to the minute, or where minutes are not kept the hour."""
    moment = max(moment, BEGINNING)
    return _minute(moment) if moment >= minutes_since else _hour(moment)


def told_from(moment: datetime, *, minutes_since: datetime) -> datetime:
    """The same of where a stretch begins: an hour belongs where it began."""
    return moment if moment >= minutes_since else _full_hour(moment)


def start_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """The moment the local day began: midnight, or where the clock skipped it the first moment after."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return midnight.astimezone(UTC)


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _hour(moment: datetime) -> datetime:
    return _minute(moment).replace(minute=0)


def _full_hour(moment: datetime) -> datetime:
    """The next one, or the moment itself."""
    hour = _hour(moment)
    return hour if hour == moment else hour + _HOUR
