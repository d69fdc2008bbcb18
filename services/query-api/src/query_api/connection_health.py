"""How an account's connections are, from what was counted of their calls. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from query_api.repository.api_health import Connected, LastCalls, Observed
from shared.connections.counts import Counts
from shared.connections.parts import parts_of
from shared.connections.rules import Health, health_rules
from shared.connections.status import (
    Colour,
    Status,
    course,
    gravest,
    minute_of,
    needed_since,
    refused,
    status_at,
    unreadable,
)
from shared.tasks import Api

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an account's system."""

    category: str
    status: Status
    last: LastCalls | None


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a history: its gravest colour, and its calls."""

    at: datetime
    colour: Colour
    counts: Counts


@dataclass(frozen=True, slots=True)
class Change:
    """From `at` on the connection had another colour."""

    at: datetime
    before: Colour
    status: Status


def knowable_at(as_of: datetime | None, now: datetime) -> datetime | None:
    """The moment a status can be told for; None: the log is so far behind that it would mean nothing."""
    if as_of is None or now - as_of >= timedelta(minutes=Health().window_minutes):
        return None
    return min(as_of, now)


def wanted_since(accounts: Sequence[Connected], moment: datetime) -> datetime:
    """From when on counts matter for the status of these accounts."""
    return min((needed_since(moment, health_rules(a.settings)) for a in accounts), default=moment)


def parts(account: Connected, found: Observed | None, at: datetime | None) -> list[Part]:
    """What it is always asked for, and what else it was asked for. Without counts nothing is known."""
    rules = health_rules(account.settings)
    return [
        Part(category, _status(account, category, found, (at, rules)), _last(account, category, found))
        for category in categories(account, found)
    ]


def overall(known: Sequence[Part]) -> Colour:
    """Of all parts together."""
    return gravest(part.status.colour for part in known)


def categories(account: Connected, found: Observed | None) -> list[str]:
    always = [api.value for api in parts_of(account.kind, account.settings)]
    seen = {category for account_id, category in (found.last if found else {}) if account_id == account.id}
    return always + [api.value for api in Api if api in seen and api.value not in always]


def history(
    account: Connected, category: str, found: Observed, span: tuple[datetime, datetime]
) -> tuple[list[Point], list[Change]]:
    """A point for each minute of the span, and where the colour changed."""
    minutes = found.minutes.get((account.id, category), {})
    passed = course(minutes, span[0], span[1], health_rules(account.settings))
    points = [Point(at, status.colour, minutes.get(at, Counts())) for at, status in passed]
    changes = [
        Change(at, before.colour, status)
        for (_, before), (at, status) in pairwise(passed)
        if before.colour is not status.colour
    ]
    return points, changes


def by_hour(points: Sequence[Point]) -> list[Point]:
    """The gravest colour of each hour, and its calls in all."""
    hours: dict[datetime, Point] = {}
    for point in points:
        hour = minute_of(point.at).replace(minute=0)
        before = hours.get(hour, Point(hour, Colour.NONE, Counts()))
        colour = gravest((before.colour, point.colour))
        hours[hour] = Point(hour, colour, before.counts.plus(point.counts))
    return list(hours.values())


def _status(
    account: Connected, category: str, found: Observed | None, judged_at: tuple[datetime | None, Health]
) -> Status:
    if account.is_held:
        return refused(account.problem or account.pause_reason or "The account's credentials are refused")
    at, rules = judged_at
    if found is None or at is None:
        return unreadable()
    return status_at(found.minutes.get((account.id, category), {}), at, rules)


def _last(account: Connected, category: str, found: Observed | None) -> LastCalls | None:
    return None if found is None else found.last.get((account.id, category))
