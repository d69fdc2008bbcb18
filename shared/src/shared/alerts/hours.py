"""Times of day as people enter them. Pure."""

import re
from datetime import date, datetime, time, timedelta

_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(:00)?", re.ASCII)
_DAY = timedelta(days=1)


def time_of_day(value: object) -> time:
    """From "06:00"; "24:00" is midnight. Raises ValueError that says how to write it."""
    if isinstance(value, time) and value == value.replace(second=0, microsecond=0, tzinfo=None):
        return value
    found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    hour, minute = (int(found[1]), int(found[2])) if found else (24, 1)
    if (hour, minute) > (24, 0):
        raise ValueError(
            f"is no time of day: {str(value)[:40]!r}. Write hours and minutes, like 06:00 or 21:30"
        )
    return time(hour % 24, minute)


def clock_text(at: time) -> str:
    """`06:00`"""
    return f"{at:%H:%M}"


def window_length(opens: time, closes: time) -> timedelta:
    """Of a day without a change of clocks; the same time twice is a whole day."""
    span = datetime.combine(date.min, closes) - datetime.combine(date.min, opens)
    return span if span > timedelta() else span + _DAY
