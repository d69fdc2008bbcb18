"""Which counter buckets cover a stretch of time that ends now. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Minute buckets from `start` up to `hours_from`, then hour buckets, the running one included."""

    start: datetime
    hours_from: datetime


def window_since(start: datetime) -> Window:
    """From the beginning of `start`'s minute until now."""
    minute = start.astimezone(UTC).replace(second=0, microsecond=0)
    hour = minute.replace(minute=0)
    return Window(minute, hour if hour == minute else hour + _HOUR)


def start_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """The moment the local day began: midnight, or where the clock skipped it the first moment after."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return midnight.astimezone(UTC)
