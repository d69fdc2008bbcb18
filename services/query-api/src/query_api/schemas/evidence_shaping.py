"""Verdicts, proofs and suggestions as answers show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from query_api.alert_outlook import OpenAlert, Outlook, outlook
from query_api.repository.alert_evidence import Kind, StoredProof
from query_api.repository.records import Shop
from query_api.schemas.alert_evidence import (
    HourOut,
    ProofOut,
    SuggestionAnswer,
    VerdictOut,
    Weekday,
    WouldFireAnswer,
)
from query_api.schemas.alerts import ExampleOut
from shared.alerts.baseline import HourBaseline
from shared.alerts.hours import clock_text
from shared.alerts.settings import AlertSettings
from shared.alerts.suggestion import Suggestion
from shared.alerts.verdicts import Example, Verdict

_MINUTE = timedelta(minutes=1)
_WEEKDAYS = get_args(Weekday)


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is already where verdicts are made. `domain` None: the platform."""

    domain: str | None
    now: datetime
    alerts: Mapping[Kind, OpenAlert]
    muted_until: Mapping[Kind, datetime]


def would_fire(
    verdicts: Sequence[Verdict],
    standing: Standing,
    *,
    as_of: datetime | None,
    settings: AlertSettings | None = None,
) -> WouldFireAnswer:
    shown = [_verdict(one, standing) for one in verdicts]
    outlooks = [one.outlook for one in shown]
    return WouldFireAnswer(
        as_of=as_of,
        shop=standing.domain,
        evaluated_at=standing.now,
        settings=settings,
        firing=outlooks.count(Outlook.FIRING),
        pending=outlooks.count(Outlook.PENDING),
        verdicts=shown,
    )


def proof(stored: StoredProof) -> ProofOut:
    said = stored.proof
    return ProofOut(
        id=str(stored.id),
        since=said.since,
        asked_at=said.asked_at,
        verdict=said.verdict,
        words=said.words,
        made=said.made,
        missed=said.missed,
        fetched=said.fetched,
        task_ids=list(said.task_ids),
    )


def suggestion(
    found: Suggestion, shop: Shop, settings: AlertSettings | None, *, as_of: datetime | None
) -> SuggestionAnswer:
    is_known = found.silence_minutes is not None
    return SuggestionAnswer(
        as_of=as_of,
        shop=shop.domain,
        timezone=shop.timezone,
        silence_minutes=found.silence_minutes,
        window_opens=clock_text(found.window_opens) if is_known else None,
        window_closes=clock_text(found.window_closes) if is_known else None,
        crossed=found.crossed,
        weeks=round(found.weeks, 1),
        evidence=list(found.evidence),
        hours=[_hour(one) for one in found.hours],
        settings=settings,
    )


def _verdict(verdict: Verdict, standing: Standing) -> VerdictOut:
    kind = (verdict.rule.value, verdict.subject)
    alert = standing.alerts.get(kind)
    return VerdictOut(
        rule=verdict.rule,
        subject=verdict.subject,
        is_met=verdict.is_met,
        outlook=outlook(verdict, alert, standing.now),
        hold_seconds=verdict.hold // timedelta(seconds=1),
        severity=verdict.severity,
        title=verdict.title,
        explanation=verdict.explanation,
        remedy=verdict.remedy,
        numbers=dict(verdict.numbers),
        examples=[_example(one) for one in verdict.examples],
        link=dict(verdict.link),
        since=verdict.since,
        alert_id=alert and alert.id,
        muted_until=standing.muted_until.get(kind),
    )


def _example(one: Example) -> ExampleOut:
    return ExampleOut(task_id=one.task_id, type=one.type, message=one.message, order_number=one.order_number)


def _hour(one: HourBaseline) -> HourOut:
    day, hour = one.hour
    return HourOut(
        weekday=_WEEKDAYS[day],
        hour=hour,
        minutes_with_orders=one.minutes,
        usual_gap_minutes=one.usual // _MINUTE,
        longest_gap_minutes=one.longest // _MINUTE,
    )
