"""How far a shop's orders usually lie apart, by hour of the week. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from shared.alerts.windows import DailyWindow

WEEKS = 8
WEEK, HOUR, QUARTER = timedelta(weeks=1), timedelta(hours=1), timedelta(minutes=15)
# Shorter gaps are only counted: no silence period is shorter.
SHORT = QUARTER
# So many of the gaps of an hour are no longer than usual.
USUAL_SHARE = 0.95

# Monday is 0; the hour as the shop's clock shows it.
WeekHour = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Gap:
    """No order was synced between these two."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of an hour with synced orders: the first and last minute that had any, and how many had."""

    first_at: datetime
    last_at: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class OrderHistory:
    """When a shop's orders were synced from `since` to `until`; `quarters` in order."""

    zone: ZoneInfo
    since: datetime
    until: datetime
    quarters: Sequence[Quarter]

    @property
    def minutes(self) -> int:
        """With orders."""
        return sum(quarter.minutes for quarter in self.quarters)

    @property
    def by_hour_of_day(self) -> list[int]:
        """Minutes with orders in each hour of the shop's clock."""
        found = [0] * 24
        for quarter in self.quarters:
            found[quarter.first_at.astimezone(self.zone).hour] += quarter.minutes
        return found

    @property
    def gaps(self) -> list[Gap]:
        """Those of `SHORT` or more."""
        pairs = ((before.last_at, after.first_at) for before, after in pairwise(self.quarters))
        return [Gap(start, end) for start, end in pairs if end - start >= SHORT]

    @property
    def learned_since(self) -> datetime:
        """The first order, or where nobody looked further back."""
        return self.quarters[0].first_at if self.quarters else self.until

    @property
    def weeks(self) -> float:
        return (self.until - self.learned_since) / WEEK


@dataclass(frozen=True, slots=True)
class HourBaseline:
    """One hour of the week. `minutes`: how many had orders. `usual`: so long are gaps at most, but for a few.

    Gaps are those that touch the hour, at full length; shorter ones count as `SHORT`.
    """

    hour: WeekHour
    minutes: int
    usual: timedelta
    longest: timedelta


def by_hour_of_week(history: OrderHistory, window: DailyWindow) -> Mapping[WeekHour, HourBaseline]:
    """The open hours in which anything is known, in order; gaps as far as they lie in the window."""
    minutes, gaps, wanted = _minutes(history), _gaps(history, window), open_hours(window)
    hours = sorted(hour for hour in {*minutes, *gaps} if hour[1] in wanted)
    return {hour: _baseline(hour, minutes.get(hour, 0), gaps.get(hour, ())) for hour in hours}


def open_hours(window: DailyWindow) -> list[int]:
    """Of the day, in order, of a window of whole hours."""
    return [(window.opens.hour + n) % 24 for n in range(window.length // HOUR)]


def _minutes(history: OrderHistory) -> Mapping[WeekHour, int]:
    minutes: dict[WeekHour, int] = defaultdict(int)
    for quarter in history.quarters:
        minutes[_week_hour(quarter.first_at, history.zone)] += quarter.minutes
    return minutes


def _gaps(history: OrderHistory, window: DailyWindow) -> Mapping[WeekHour, Sequence[timedelta]]:
    lengths: dict[WeekHour, list[timedelta]] = defaultdict(list)
    for gap in history.gaps:
        length = window.counted(gap.start, gap.end)
        for hour in _touched(gap, history.zone):
            lengths[hour].append(length)
    return lengths


def _touched(gap: Gap, zone: ZoneInfo) -> set[WeekHour]:
    """A week and more touches every hour once."""
    end = min(gap.end, gap.start + WEEK)
    return {_week_hour(moment, zone) for moment in _quarters(gap.start, end)}


def _quarters(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += QUARTER


def _baseline(hour: WeekHour, minutes: int, gaps: Sequence[timedelta]) -> HourBaseline:
    short = max(0, minutes - len(gaps))
    return HourBaseline(hour, minutes, _quantile(gaps, short), max((SHORT, *gaps)))


def _quantile(gaps: Sequence[timedelta], short: int) -> timedelta:
    """What `USUAL_SHARE` of all gaps do not exceed; `short` more are shorter than `SHORT`."""
    beyond = int((1 - USUAL_SHARE) * (len(gaps) + short))
    return max(SHORT, sorted(gaps, reverse=True)[beyond]) if beyond < len(gaps) else SHORT


def _week_hour(moment: datetime, zone: ZoneInfo) -> WeekHour:
    local = moment.astimezone(zone)
    return local.weekday(), local.hour
