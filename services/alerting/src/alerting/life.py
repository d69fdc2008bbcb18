"""What becomes of an alert from one evaluation to the next. Pure.

pending → firing → resolved. A verdict has to hold for its `hold` before the alert fires, and has to be away
for a while before it is resolved. What comes back soon is the same alert. People are told when it fires and
when it is over, and reminded in between; of one that comes and goes they are told only now and then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from shared.alerts.verdicts import Verdict
from shared.identity import new_task_id

RESOLVED_AFTER = timedelta(minutes=5)
SAME_WITHIN = timedelta(minutes=30)
FLAPPING_SPAN = timedelta(hours=1)
FLAPPING_CHANGES = 4
CHANGES_KEPT = 20


class AlertState(StrEnum):
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class Notice(StrEnum):
    """What people are told."""

    FIRING = "firing"
    RESOLVED = "resolved"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Alert:
    """A row of alerts.alerts; the migration says what each column means."""

    id: UUID
    shop_id: int | None
    rule: str
    subject: str
    state: AlertState
    severity: str
    title: str
    explanation: str
    facts: Mapping[str, Any]
    began_at: datetime
    seen_at: datetime
    fired_at: datetime | None = None
    clear_since: datetime | None = None
    resolved_at: datetime | None = None
    changed_at: tuple[datetime, ...] = ()
    told: Notice | None = None
    told_at: datetime | None = None
    acknowledged_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state is not AlertState.RESOLVED

    def is_flapping(self, now: datetime) -> bool:
        """It has come and gone several times lately, and has not stayed as it is for long."""
        lately = [moment for moment in self.changed_at if now - moment < FLAPPING_SPAN]
        return len(lately) >= FLAPPING_CHANGES and now - lately[-1] < SAME_WITHIN


@dataclass(frozen=True, slots=True)
class Terms:
    """How a shop wants to be told. `is_muted`: nobody wants to hear of this kind now."""

    reminder_interval: timedelta
    is_muted: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """`alert` None: there is none, or it is to be forgotten. `events`: what became of it."""

    alert: Alert | None
    events: tuple[AlertState, ...] = ()
    notice: Notice | None = None


def step(
    alert: Alert | None, verdict: Verdict | None, terms: Terms, *, shop_id: int | None, now: datetime
) -> Step:
    """`alert`: the open one of the subject, or one resolved lately. `verdict` None: no rule names it now."""
    if verdict is not None and verdict.is_met:
        return _met(alert or _new(verdict, shop_id, now), verdict, terms, is_new=alert is None, now=now)
    if alert is None or not alert.is_open:
        return Step(alert)
    return _away(alert, terms, now)


def _new(verdict: Verdict, shop_id: int | None, now: datetime) -> Alert:
    return Alert(
        id=new_task_id(),
        shop_id=shop_id,
        rule=verdict.rule.value,
        subject=verdict.subject,
        state=AlertState.PENDING,
        severity=verdict.severity.value,
        title=verdict.title,
        explanation=verdict.explanation,
        facts={},
        began_at=now,
        seen_at=now,
    )


def _met(alert: Alert, verdict: Verdict, terms: Terms, *, is_new: bool, now: datetime) -> Step:
    is_back = not alert.is_open
    events = (AlertState.PENDING,) if is_new or is_back else ()
    if is_back:
        alert = replace(alert, state=AlertState.PENDING, began_at=now, resolved_at=None, acknowledged_at=None)
    alert = replace(_worded(alert, verdict), clear_since=None, seen_at=now)
    if alert.state is AlertState.PENDING and now - alert.began_at >= verdict.hold:
        alert = replace(alert, state=AlertState.FIRING, fired_at=now, changed_at=_changed(alert, now))
        events = (*events, AlertState.FIRING)
    return _told(alert, events, _due(alert, terms, now), now)


def _away(alert: Alert, terms: Terms, now: datetime) -> Step:
    if alert.state is AlertState.PENDING:
        return Step(
            None if alert.fired_at is None else replace(alert, state=AlertState.RESOLVED, resolved_at=now)
        )
    alert = replace(alert, clear_since=alert.clear_since or now)
    if now - (alert.clear_since or now) < RESOLVED_AFTER:
        return Step(alert)
    alert = replace(
        alert, state=AlertState.RESOLVED, resolved_at=now, clear_since=None, changed_at=_changed(alert, now)
    )
    is_told = alert.told is Notice.FIRING and not terms.is_muted
    return _told(alert, (AlertState.RESOLVED,), Notice.RESOLVED if is_told else None, now)


def _due(alert: Alert, terms: Terms, now: datetime) -> Notice | None:
    """What people should hear of an alert that is met."""
    if alert.state is not AlertState.FIRING or terms.is_muted or alert.acknowledged_at is not None:
        return None
    is_long_ago = alert.told_at is None or now - alert.told_at >= terms.reminder_interval
    if alert.told is Notice.FIRING:
        return Notice.REMINDER if is_long_ago else None
    return None if alert.is_flapping(now) and not is_long_ago else Notice.FIRING


def _told(alert: Alert, events: tuple[AlertState, ...], notice: Notice | None, now: datetime) -> Step:
    if notice is None:
        return Step(alert, events)
    told = Notice.RESOLVED if notice is Notice.RESOLVED else Notice.FIRING
    return Step(replace(alert, told=told, told_at=now), events, notice)


def _worded(alert: Alert, verdict: Verdict) -> Alert:
    return replace(
        alert,
        severity=verdict.severity.value,
        title=verdict.title,
        explanation=verdict.explanation,
        facts=facts_of(verdict),
    )


def facts_of(verdict: Verdict) -> dict[str, Any]:
    """What is kept of a verdict beside its words, as JSON has it."""
    examples = [
        {"task_id": one.task_id, "type": one.type, "message": one.message, "order_number": one.order_number}
        for one in verdict.examples
    ]
    kept = {
        "numbers": dict(verdict.numbers),
        "examples": examples,
        "remedy": verdict.remedy,
        "link": dict(verdict.link),
        "since": verdict.since,
    }
    facts: dict[str, Any] = orjson.loads(orjson.dumps(kept, default=str))  # the database has its own UUIDs
    return facts


def _changed(alert: Alert, now: datetime) -> tuple[datetime, ...]:
    return (*alert.changed_at, now)[-CHANGES_KEPT:]
