"""Alerts: what is, or was, not as it should be."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from query_api.alert_query import AlertState
from query_api.schemas.answer import Answer
from shared.alerts.verdicts import Rule, Severity

_RULES = ", ".join(Rule)
_NUMBERS = {"failed": 12, "ended": 40, "percent": 30.0, "threshold_percent": 10.0, "minutes": 60}
_LINK = {"state": "failed", "created_from": "2026-11-21T07:00:00Z"}


class ExampleOut(BaseModel):
    """A task that shows what is wrong."""

    task_id: UUID
    type: str = Field(examples=["SyncOrder"])
    message: str = Field(examples=["The CRM answered 422: the field email is missing"])
    order_number: str | None = Field(examples=["#1042"])


class AcknowledgmentOut(BaseModel):
    """Somebody has seen it: it is not told again, only its end is."""

    at: datetime
    by: str = Field(description="The name of the token", examples=["on-call"])
    note: str | None


class MuteOut(BaseModel):
    """Nothing is told of it, or of the next alert of its kind, until then."""

    until: datetime
    at: datetime = Field(description="When it was muted")
    by: str = Field(description="The name of the token", examples=["on-call"])
    note: str | None


class AlertOut(BaseModel):
    """One subject of one rule that is, or was, not as it should be. Words and figures are of the last time it
    was evaluated."""

    id: UUID
    shop: str | None = Field(
        description="The shop's domain. Null: it concerns the platform, not a shop",
        examples=["demo-outdoor.myshopify.com"],
    )
    rule: str = Field(description=f"What is watched: {_RULES}", examples=["error-rate"])
    subject: str = Field(
        description="What of the rule: a group of tasks, a connection, a queue, a fingerprint. Empty: all",
        examples=["order"],
    )
    state: AlertState = Field(
        description="pending: not for long enough to be told; firing; resolved: it is over"
    )
    severity: Severity
    title: str = Field(description="One line", examples=["30 % of order tasks failed in the last hour"])
    explanation: str = Field(description="What happened, with the figures, in sentences")
    remedy: str | None = Field(description="What to do about it")
    numbers: dict[str, Any] = Field(
        description="The figures behind it with their limits, by name", examples=[_NUMBERS]
    )
    examples: list[ExampleOut] = Field(description="The worst or newest tasks concerned")
    link: dict[str, str] = Field(
        description="Filters that show what is meant, as parameters of the console and of GET /tasks",
        examples=[_LINK],
    )
    began_at: datetime = Field(description="Since when it has been so, as far as is known")
    fired_at: datetime | None = Field(description="Null: it has not fired")
    clear_since: datetime | None = Field(
        description="Since when it has looked well again; it is over when that lasts for a few minutes"
    )
    resolved_at: datetime | None
    seen_at: datetime = Field(description="When it was last evaluated")
    told: Literal["firing", "resolved"] | None = Field(description="What people were last told of it")
    told_at: datetime | None
    acknowledged: AcknowledgmentOut | None
    mute: MuteOut | None


class EventOut(BaseModel):
    """Something that became of an alert."""

    at: datetime
    event: str = Field(
        description="pending, firing, resolved, reminder, acknowledged, muted, unmuted and the like",
        examples=["acknowledged"],
    )
    by: str = Field(description="The service, or the name of the token", examples=["on-call"])
    detail: dict[str, Any] = Field(examples=[{"note": "The CRM is being repaired"}])


class NotificationOut(BaseModel):
    """One message to one recipient."""

    task_id: UUID = Field(description="The task that sends it; GET /tasks/{task_id} tells how that goes")
    kind: Literal["news", "reminder", "test"]
    told: list[str] = Field(
        description="What it tells of this alert: firing, resolved or reminder", examples=[["firing"]]
    )
    channel: str = Field(description="mail, webhook, slack or apprise", examples=["mail"])
    recipient: str | None = Field(
        description="A mail address, or the name of the shop's channel. Null: not for the role viewer",
        examples=["owner@demo-outdoor.example"],
    )
    created_at: datetime
    queued_at: datetime | None = Field(description="Null: its task is still to be queued")
    sent_at: datetime | None = Field(description="Null: it has not been sent, or was not sent at all")
    note: str | None = Field(description="Why it was not sent, or how")
    task_state: str | None = Field(
        description="queued, processing, retrying, failed, succeeded or cancelled. Null: not in the log",
        examples=["succeeded"],
    )
    attempt: int | None
    max_attempts: int | None


class AlertDetail(AlertOut):
    history: list[EventOut] = Field(description="The last 500, in the order they happened")
    notifications: list[NotificationOut] = Field(description="The last 200, the newest first")


class AlertCounts(BaseModel):
    """Open alerts of the shops asked for, whatever the other filters."""

    firing: int
    critical: int = Field(description="Of those firing")
    warning: int = Field(description="Of those firing")
    unacknowledged: int = Field(description="Of those firing")
    pending: int


class AlertsAnswer(Answer):
    evaluated_at: datetime | None = Field(
        description="When all rules were last gone through; alerts are as they were then. Null: never"
    )
    counts: AlertCounts
    alerts: list[AlertOut] = Field(description="Those noticed last first")
    next: str | None = Field(description="`cursor` for what comes next. Null: there is no more")
    previous: str | None = Field(description="`cursor` for the page before. Null: this is the first")


class AlertAnswer(Answer):
    alert: AlertDetail
