"""Since when a connection has been unavailable, from its counts by minute and its breaker. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.alerts.facts import ConnectionFacts
from shared.connections.judging import Cause
from shared.connections.rules import Breaker, Health, breaker_rules, health_rules
from shared.connections.status import ByMinute, Colour, Status, course, needed_since

# Longer ago than the limit: so that it can be said since when, not only that it is long enough.
LOOKED_FURTHER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OpenBreaker:
    """`times`: how often in a row it opened, the last time at `opened_at`."""

    category: str
    opened_at: datetime
    open_until: datetime
    times: int
    reason: str


@dataclass(frozen=True, slots=True)
class Look:
    """How far back one account's connections are looked at."""

    at: datetime
    start: datetime
    health: Health
    breaker: Breaker


def look_at(settings: Mapping[str, Any], red_minutes: int, at: datetime) -> Look:
    """`settings`: the account's own. `red_minutes`: the shop's limit."""
    start = at - timedelta(minutes=red_minutes) - LOOKED_FURTHER
    return Look(at, start, health_rules(settings), breaker_rules(settings))


def counts_since(look: Look) -> datetime:
    """From when on its counts are needed."""
    return needed_since(look.start, look.health)


def connection_facts(
    category: str, counts: ByMinute, breaker: OpenBreaker | None, look: Look
) -> ConnectionFacts:
    """No `counts`: nothing went wrong lately. `breaker`: this connection's, if it is not closed."""
    passed = course(counts, look.start, look.at, look.health) if counts else []
    red_since = _red_since(passed)
    status = passed[-1][1] if passed else None
    cause, reason = (status.cause, status.reason) if status else (Cause.QUIET, "No call went wrong lately")
    if breaker is None or (status is not None and status.colour is Colour.GREEN):
        return ConnectionFacts(category, red_since, cause, reason)
    since = _unavailable_since(breaker, look.breaker)
    return ConnectionFacts(
        category,
        since if red_since is None else min(since, red_since),
        cause if red_since is not None else Cause.UNAVAILABLE,
        reason if red_since is not None else breaker.reason,
        breaker.open_until if breaker.open_until > look.at else None,
    )


def _red_since(passed: list[tuple[datetime, Status]]) -> datetime | None:
    """The first minute of the red ones at the end."""
    since = None
    for minute, status in reversed(passed):
        if status.colour is not Colour.RED:
            break
        since = minute
    return since


def _unavailable_since(breaker: OpenBreaker, rules: Breaker) -> datetime:
    """At the latest: nothing is called while it is open, so the pauses before count as well."""
    pauses_s = (min(rules.pause_s * 2**n, rules.longest_pause_s) for n in range(min(breaker.times, 17) - 1))
    return breaker.opened_at - timedelta(seconds=sum(max(rules.pause_s, pause) for pause in pauses_s))
