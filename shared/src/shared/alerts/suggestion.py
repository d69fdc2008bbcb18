"""A silence period and hours that fit a shop, learned from its orders, with the evidence. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from itertools import accumulate

from shared.alerts.baseline import (
    HOUR,
    SHORT,
    HourBaseline,
    OrderHistory,
    WeekHour,
    by_hour_of_week,
)
from shared.alerts.suggestion_words import Block, evidence_of, too_little
from shared.alerts.windows import DailyWindow

ENOUGH_WEEKS, ENOUGH_MINUTES = 2, 30
# Hours in a row with no larger share of the orders are left out, if they are so many.
PRACTICALLY_NONE = 0.01
FEWEST_LEFT_OUT, MOST_LEFT_OUT = 3, 18
HOURS_OF_BLOCK = 3
MIDNIGHT = time(0)
# In minutes.
PERIODS = (
    *(15, 20, 30, 45, 60, 90),
    *(hours * 60 for hours in (2, 3, 4, 5, 6, 8, 10, 12, 18, 24, 36, 48)),
    *(days * 24 * 60 for days in (3, 4, 5, 7, 10, 14)),
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`silence_minutes` None: nothing can be suggested, `evidence` says why. Times of day are the shop's.

    `crossed`: how often such a silence came in the time looked at, in which the shop would have been asked.
    """

    silence_minutes: int | None
    window_opens: time
    window_closes: time
    crossed: int
    weeks: float
    evidence: tuple[str, ...]
    hours: tuple[HourBaseline, ...]


def suggest(history: OrderHistory) -> Suggestion:
    """What was crossed once in two weeks at most, so that a few outages of those weeks do not matter."""
    window = _busy_hours(history)
    hours = by_hour_of_week(history, window)
    if history.weeks < ENOUGH_WEEKS or history.minutes < ENOUGH_MINUTES:
        why = too_little(history, ENOUGH_WEEKS, ENOUGH_MINUTES)
        return Suggestion(None, MIDNIGHT, MIDNIGHT, 0, history.weeks, (why,), tuple(hours.values()))
    gaps = sorted((window.counted(gap.start, gap.end) for gap in history.gaps), reverse=True)
    period = _period(gaps, allowed=round(history.weeks / 2))
    crossed = sum(1 for gap in gaps if gap >= period)
    return Suggestion(
        silence_minutes=period // timedelta(minutes=1),
        window_opens=window.opens,
        window_closes=window.closes,
        crossed=crossed,
        weeks=history.weeks,
        evidence=evidence_of(history, window, _blocks(hours, window), period, crossed),
        hours=tuple(hours.values()),
    )


def _period(longest_first: Sequence[timedelta], allowed: int) -> timedelta:
    """The shortest of `PERIODS` that so few gaps reached."""
    usual = longest_first[allowed] if allowed < len(longest_first) else timedelta()
    periods = (timedelta(minutes=minutes) for minutes in PERIODS)
    return next(period for period in periods if period > usual)


def _busy_hours(history: OrderHistory) -> DailyWindow:
    """All day, but for the longest stretch in which practically never an order comes."""
    by_hour = history.by_hour_of_day
    length, _, start = max(_quiet_stretch(by_hour, start) for start in range(24))
    if not FEWEST_LEFT_OUT <= length <= MOST_LEFT_OUT:
        return DailyWindow(MIDNIGHT, MIDNIGHT, history.zone)
    return DailyWindow(time((start + length) % 24), time(start), history.zone)


def _quiet_stretch(by_hour: Sequence[int], start: int) -> tuple[int, int, int]:
    """From one hour on: how many hours hold practically no order, how few orders, and the hour itself."""
    held = list(accumulate([*by_hour[start:], *by_hour[:start]]))
    length = sum(1 for orders in held if orders <= PRACTICALLY_NONE * held[-1])
    return length, -held[length - 1] if length else 0, start


def _blocks(hours: Mapping[WeekHour, HourBaseline], window: DailyWindow) -> list[Block]:
    """The open hours of the week, three by three."""
    count = window.length // HOUR
    starts = range(0, count, HOURS_OF_BLOCK)
    return [
        _block(hours, window, day, (start, min(start + HOURS_OF_BLOCK, count)))
        for day in range(7)
        for start in starts
    ]


def _block(
    hours: Mapping[WeekHour, HourBaseline], window: DailyWindow, day: int, span: tuple[int, int]
) -> Block:
    """`span`: hours after it opens."""
    passed = [window.opens.hour + n for n in range(*span)]
    keys = [((day + hour // 24) % 7, hour % 24) for hour in passed]
    known = [hours[key] for key in keys if key in hours]
    return Block(
        first=keys[0],
        end_hour=(passed[-1] + 1) % 24,
        minutes=sum(hour.minutes for hour in known),
        longest=max((hour.longest for hour in known), default=SHORT),
    )
