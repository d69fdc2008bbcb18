"""When an account is left alone because its connection is unavailable, and for how long. Pure.

After the pause its tasks run again, and only what they find counts: unavailable again, and the next pause is
twice as long; answered, and the breaker is closed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.connections.judging import Cause
from shared.connections.rules import Breaker, Health
from shared.connections.status import ByMinute, Colour, Status, minute_of, status_at

_UNAVAILABLE = frozenset({Cause.UNAVAILABLE, Cause.ERRORS})


@dataclass(frozen=True, slots=True)
class Position:
    """How a breaker stands. `times`: how often in a row it opened, 0: it is closed. `category`: what for."""

    category: str
    opened_at: datetime
    open_until: datetime
    times: int
    reason: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Of one account."""

    breaker: Breaker
    health: Health


def next_position(
    counts: Mapping[str, ByMinute], rules: Rules, known: Position | None, now: datetime
) -> Position | None:
    """`counts`: of each part of the account's system. None: it stays as it is."""
    if not rules.breaker.enabled:
        return replace(known, times=0, open_until=now) if known is not None and known.times else None
    if known is not None and now < known.open_until:
        return None
    fresh = {category: _since(minutes, known) for category, minutes in counts.items()}
    for category, minutes in sorted(fresh.items()):
        status = status_at(minutes, now, rules.health)
        if status.colour is Colour.RED and status.cause in _UNAVAILABLE:
            return _opened(category, status, rules.breaker, (known, now))
    if known is not None and known.times and _is_over(fresh, known, rules.breaker, now):
        return replace(known, times=0)
    return None


def _since(minutes: ByMinute, known: Position | None) -> ByMinute:
    """What was found after the last pause: what was before it has had its consequence."""
    if known is None:
        return minutes
    first = minute_of(known.open_until)
    return {minute: counts for minute, counts in minutes.items() if minute >= first}


def _opened(
    category: str, status: Status, rules: Breaker, before: tuple[Position | None, datetime]
) -> Position:
    known, now = before
    times = 1 + (known.times if known is not None else 0)
    pause_s = min(rules.pause_s * 2 ** min(times - 1, 16), max(rules.pause_s, rules.longest_pause_s))
    until = now + timedelta(seconds=pause_s)
    reason = f"{category.capitalize()}: {status.reason}. Its tasks wait until {until:%H:%M:%S} UTC"
    return Position(category, now, until, times, reason)


def _is_over(fresh: Mapping[str, ByMinute], known: Position, rules: Breaker, now: datetime) -> bool:
    """It answered, or nobody asked it for so long that the row has no meaning any more."""
    minutes = fresh.get(known.category, {})
    is_old = now - known.open_until >= timedelta(seconds=rules.longest_pause_s)
    return is_old or any(counts.answered for counts in minutes.values())
