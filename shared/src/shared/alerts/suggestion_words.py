"""The evidence of a suggested silence period, for people. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.alerts.baseline import SHORT, WEEKS, OrderHistory, WeekHour, open_hours
from shared.alerts.windows import DailyWindow
from shared.alerts.words import duration, many

_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True, slots=True)
class Block:
    """Some hours of one day of the week. `minutes`: how many had orders; `longest`: gap that touches it."""

    first: WeekHour
    end_hour: int
    minutes: int
    longest: timedelta

    @property
    def name(self) -> str:
        day, hour = self.first
        return f"{_DAYS[day]} {hour:02}–{self.end_hour or 24:02}"


def evidence_of(
    history: OrderHistory, window: DailyWindow, blocks: Sequence[Block], period: timedelta, crossed: int
) -> tuple[str, ...]:
    """Sentences with the figures a suggestion was drawn from."""
    return (
        *_gaps(history, blocks),
        _crossings(duration(period), crossed),
        _hours(history, window),
    )


def too_little(history: OrderHistory, enough_weeks: int, enough_minutes: int) -> str:
    """Why nothing can be learned yet."""
    if not history.quarters:
        return f"There is nothing to learn from: no order was synced {_lately(history)}."
    since = duration(history.until - history.learned_since)
    return (
        f"There is too little to learn from: in the last {since} orders came at "
        f"{many(history.minutes, 'different time')}. It takes {enough_minutes}, and {enough_weeks} weeks."
    )


def _gaps(history: OrderHistory, blocks: Sequence[Block]) -> list[str]:
    busiest = max(blocks, key=lambda block: block.minutes)
    slowest = max(blocks, key=lambda block: (block.longest, -block.minutes))
    longest = _longest(busiest)
    said = [
        f"{_lately(history).capitalize()} the longest gap on {busiest.name}, the busiest hours, {longest}."
    ]
    if slowest.longest > busiest.longest:
        said.append(f"On {slowest.name} it {_longest(slowest)}.")
    return said


def _longest(block: Block) -> str:
    return f"was {duration(block.longest)}" if block.longest > SHORT else "was not even 15 minutes"


def _hours(history: OrderHistory, window: DailyWindow) -> str:
    if window.is_always_open:
        return "Orders come at all hours, so silence counts all day."
    inside = open_hours(window)
    outside = sum(n for hour, n in enumerate(history.by_hour_of_day) if hour not in inside)
    share = f"{outside / history.minutes * 100:.2g} %" if outside else "none"
    hours = f"{window.closes:%H:%M} and {window.opens:%H:%M}"
    return f"Between {hours} {share} of the orders came, so silence does not count then."


def _crossings(period: str, n: int) -> str:
    if not n:
        return f"No silence of {period} or more came in that time."
    times = {1: "once", 2: "twice"}.get(n, f"{n} times")
    return f"A silence of {period} or more came {times} in that time."


def _lately(history: OrderHistory) -> str:
    return f"in the last {many(round(history.weeks) or WEEKS, 'week')}"
