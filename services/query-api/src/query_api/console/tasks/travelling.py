"""The board's time travel: how far its slider reaches, where it stands, and the steps around it. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from query_api.console.tasks.filters import Filters
from query_api.problems import invalid

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back the slider goes, and its steps, in minutes. `name` is in the address."""

    name: str
    title: str
    minutes: int
    step: int


DAY = Reach("24h", "24 hours", 24 * 60, 5)
WEEK = Reach("7d", "7 days", 7 * 24 * 60, 30)
REACHES = (DAY, WEEK)
_STEPS = (
    ("1 hour earlier", -60),
    ("10 minutes earlier", -10),
    ("10 minutes later", 10),
    ("1 hour later", 60),
)


@dataclass(frozen=True, slots=True)
class Travel:
    """`minutes`: where the slider stands, 0 now and negative before. `steps`: names and addresses."""

    reach: Reach
    minutes: int
    steps: list[tuple[str, str]]


def travel_of(filters: Filters, wanted: str, now: datetime) -> Travel:
    """`wanted`: the name of a reach; a moment that is too long ago for it takes the longest."""
    as_of = filters.asked.as_of
    ago = max(now - as_of, timedelta()) // _MINUTE if as_of else 0
    reach = next((one for one in REACHES if one.name == wanted and ago <= one.minutes), None)
    reach = reach or (DAY if ago <= DAY.minutes else WEEK)
    steps = [] if as_of is None else [(name, as_of + step * _MINUTE) for name, step in _STEPS]
    return Travel(
        reach=reach,
        minutes=-min(ago, reach.minutes),
        steps=[(name, moved_to(filters, moment, now)) for name, moment in steps if moment < now],
    )


def moved_by(filters: Filters, minutes: str, now: datetime) -> str:
    """The board as it was so many minutes ago, `-90`. Raises Problem."""
    try:
        moment = now.replace(second=0, microsecond=0) + int(minutes) * _MINUTE
    except (ValueError, OverflowError):
        raise invalid("minutes", "Minutes before now are a whole number, e.g. -90.") from None
    return filters.with_only("as_of") if int(minutes) >= 0 else moved_to(filters, moment, now)


def moved_to(filters: Filters, moment: datetime, now: datetime) -> str:
    """The same list as of then; of now, what has not come yet."""
    then = moment.astimezone(UTC).isoformat()
    return filters.with_only("as_of", *([then] if moment < now else []))
