"""Figures, times and durations as people say them. Pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def many(n: int, one: str, more: str | None = None) -> str:
    """`1 order`, `17 orders`."""
    return f"{n:,} {one if n == 1 else more or one + 's'}"


def duration(length: timedelta) -> str:
    """To the minute, from ten hours on to the hour, from three days on to the day: "6 hours 20 minutes"."""
    if length < _MINUTE:
        return "less than a minute"
    if length < _HOUR:
        return many(length // _MINUTE, "minute")
    if length < 10 * _HOUR:
        return _two(length // _HOUR, "hour", length % _HOUR // _MINUTE, "minute")
    if length < 3 * _DAY:
        return many(length // _HOUR, "hour")
    return _two(length // _DAY, "day", length % _DAY // _HOUR if length < 10 * _DAY else 0, "hour")


def limit(minutes: int) -> str:
    """Exactly: "90 minutes", "6 hours", "36 hours", "3 days"."""
    if minutes % (24 * 60) == 0 and minutes > 24 * 60:
        return many(minutes // (24 * 60), "day")
    return many(minutes // 60, "hour") if minutes % 60 == 0 else many(minutes, "minute")


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`Fri 20 Nov 2026 14:05`, in the zone."""
    return f"{at.astimezone(zone):%a %-d %b %Y %H:%M}"


def stamp(at: datetime) -> str:
    """`2026-11-20T13:05:00Z`, for numbers and addresses."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _two(n: int, one: str, rest: int, small: str) -> str:
    return f"{many(n, one)} {many(rest, small)}" if rest else many(n, one)
