"""What would become of a verdict if the rules were evaluated now. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from query_api.alert_query import AlertState
from shared.alerts.verdicts import Verdict


class Outlook(StrEnum):
    """`pending`: it has to hold for longer. `clearing`: an alert fires and is about to be over."""

    WELL = "well"
    PENDING = "pending"
    FIRING = "firing"
    CLEARING = "clearing"


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert that is not over."""

    id: UUID
    rule: str
    subject: str
    state: AlertState
    began_at: datetime


def outlook(verdict: Verdict, alert: OpenAlert | None, now: datetime) -> Outlook:
    """`alert`: the open one of the same subject."""
    is_firing = alert is not None and alert.state is AlertState.FIRING
    if not verdict.is_met:
        return Outlook.CLEARING if is_firing else Outlook.WELL
    held = now - alert.began_at if alert is not None else timedelta()
    return Outlook.FIRING if is_firing or held >= verdict.hold else Outlook.PENDING
