"""The colour of a connection at a moment, and its course through time, from its counts by minute. Pure.

A colour begins as soon as the calls of the window call for it and ends only when they are well below what it
began at. What held a while ago therefore matters: for each minute the hour before it is gone through, so the
same counts give the same colour, whoever asks and however often.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from shared.connections.counts import Counts
from shared.connections.judging import Cause, Level, Seen, Verdict, entering, judged, leaving
from shared.connections.rules import Health
from shared.connections.words import UNREADABLE, reason

MINUTE = timedelta(minutes=1)
REMEMBERED = 60
ByMinute = Mapping[datetime, Counts]


class Colour(StrEnum):
    """Green: normal. Yellow: more errors than normal, or slow. Red: unavailable. None: unknown."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    NONE = "none"


GRAVEST_FIRST = (Colour.RED, Colour.YELLOW, Colour.GREEN, Colour.NONE)


@dataclass(frozen=True, slots=True)
class Status:
    """`window`: the calls it was drawn from."""

    colour: Colour
    cause: Cause
    reason: str
    window: Counts


@dataclass(frozen=True, slots=True)
class _Reading:
    """One minute: what was seen, what would begin and what would go on. `rises` None: nothing was called."""

    seen: Seen
    rises: Verdict | None
    falls: Verdict


def status_at(counts: ByMinute, at: datetime, rules: Health) -> Status:
    """`counts` has to reach back to `needed_since(at, rules)`. A minute with a call counts to its end."""
    return course(counts, at, at, rules)[0][1]


def course(counts: ByMinute, start: datetime, end: datetime, rules: Health) -> list[tuple[datetime, Status]]:
    """The status in each minute from that of `start` to that of `end`."""
    first, last = minute_of(start), minute_of(end)
    readings = list(_readings(counts, first - REMEMBERED * MINUTE, last, rules))
    return [
        (first + number * MINUTE, _status(readings[number : number + REMEMBERED + 1], rules))
        for number in range(len(readings) - REMEMBERED)
    ]


def needed_since(start: datetime, rules: Health) -> datetime:
    """From when on the counts matter for the status at `start`."""
    return minute_of(start) - (REMEMBERED + rules.window_minutes) * MINUTE


def minute_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def gravest(colours: Iterable[Colour]) -> Colour:
    """The colour of several connections together; unknown ones do not hide known ones."""
    return min(colours, key=GRAVEST_FIRST.index, default=Colour.NONE)


def unreadable() -> Status:
    """The counts could not be read."""
    return Status(Colour.NONE, Cause.UNREADABLE, UNREADABLE, Counts())


def refused(problem: str) -> Status:
    """The account waits for its credentials: `problem` says so."""
    return Status(Colour.RED, Cause.REFUSED, problem, Counts())


def _readings(counts: ByMinute, first: datetime, last: datetime, rules: Health) -> Iterator[_Reading]:
    """One for each minute. The window is the running minute and the whole ones before it."""
    nothing = Counts()
    window = deque([nothing] * (rules.window_minutes + 1))
    total = nothing
    minute = first - rules.window_minutes * MINUTE
    while minute <= last:
        left, came = window.popleft(), counts.get(minute, nothing)
        window.append(came)
        if left.calls or came.calls:
            total = total.plus(came).plus(left, -1)
        if minute >= first:
            yield _reading(Seen(total, _since_answered(window)), rules)
        minute += MINUTE


def _since_answered(window: Sequence[Counts]) -> Counts:
    total = Counts()
    for counts in reversed(window):
        if counts.answered:
            break
        if counts.calls:
            total = total.plus(counts)
    return total


def _reading(seen: Seen, rules: Health) -> _Reading:
    if not seen.window.calls:
        return _Reading(seen, None, (Level.GREEN, Cause.QUIET))
    return _Reading(seen, judged(seen, entering(rules)), judged(seen, leaving(rules)))


def _status(readings: Sequence[_Reading], rules: Health) -> Status:
    """Of the last of these minutes."""
    level, cause = Level.GREEN, Cause.QUIET
    for reading in readings:
        level, cause = _next(level, reading)
    seen = readings[-1].seen
    colour = Colour.NONE if cause is Cause.QUIET else Colour[level.name]
    return Status(colour, cause, reason(level, cause, seen, rules), seen.window)


def _next(before: Level, reading: _Reading) -> Verdict:
    if reading.rises is None:
        return reading.falls
    begins, begun_by = reading.rises
    goes_on, kept_by = reading.falls
    level = max(begins, min(before, goes_on))
    return level, begun_by if level == begins else kept_by
