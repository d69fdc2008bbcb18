"""A slow and simple reading of daily windows, step by step, that shares nothing with the fast one."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

STEP, DAY = timedelta(minutes=5), timedelta(days=1)
MARGIN = 3 * DAY

Clock = list[tuple[datetime, datetime]]


def open_time(start: datetime, end: datetime, hours: tuple[time, time], zone: ZoneInfo) -> timedelta:
    """How much of the time from `start` to `end` lies in a window; all are multiples of five minutes."""
    clock = _clock(start - MARGIN, end + MARGIN, zone)
    first, last = (start - DAY).astimezone(zone).date() - DAY, (end + DAY).astimezone(zone).date()
    is_open: set[datetime] = set()
    for n in range((last - first).days + 1):
        is_open |= _window(first + n * DAY, hours, clock)
    return STEP * sum(1 for moment in is_open if start <= moment < end)


@cache
def changes(zone: ZoneInfo, year: int) -> tuple[datetime, ...]:
    """Midnights in UTC before days on which the zone's clocks are set."""
    days = [datetime(year, 1, 1, tzinfo=UTC) + n * DAY for n in range(365)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    return tuple(
        day for day, (before, after) in zip(days, pairwise(offsets), strict=False) if before != after
    )


def _clock(start: datetime, end: datetime, zone: ZoneInfo) -> Clock:
    """Each moment with what the clock on the wall shows."""
    moments = [start + n * STEP for n in range((end - start) // STEP)]
    return [(moment, moment.astimezone(zone).replace(tzinfo=None)) for moment in moments]


def _window(day: date, hours: tuple[time, time], clock: Clock) -> set[datetime]:
    opens, closes = hours
    opening = _shown(datetime.combine(day, opens), clock)
    closing = _shown(datetime.combine(day if closes > opens else day + DAY, closes), clock)
    if not opening or not closing:
        return set()
    return {moment for moment, _ in clock if opening[0] <= moment < closing[-1]}


def _shown(wall_time: datetime, clock: Clock) -> list[datetime]:
    """When the clock shows a time; if never, when it would have, had it not been set forward."""
    found = [moment for moment, wall in clock if wall == wall_time]
    if found:
        return found
    for (moment, before), (_, after) in pairwise(clock):
        if before < wall_time < after:
            return [moment + (wall_time - before)]
    return []
