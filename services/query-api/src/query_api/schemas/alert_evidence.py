"""What rules would say now, what the shop said, and what its orders suggest."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from query_api.alert_outlook import Outlook
from query_api.schemas.alert_fields import CheckedSettings
from query_api.schemas.alerts import ExampleOut
from query_api.schemas.answer import Answer, RowId
from shared.alerts.settings import AlertSettings
from shared.alerts.silence import ProofVerdict
from shared.alerts.verdicts import Severity

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_NUMBERS = {"ended": 40, "failed": 2, "percent": 5.0, "limit_percent": 10.0, "window_minutes": 60}


class VerdictOut(BaseModel):
    """How it stands with one subject of one rule, met or not."""

    rule: str = Field(examples=["error-rate"])
    subject: str = Field(description="What of the rule. Empty: all", examples=["order"])
    is_met: bool = Field(description="It is as the rule warns of")
    outlook: Outlook = Field(
        description="What an evaluation would make of it. pending: it has to hold for longer before it "
        "fires; clearing: an alert fires and is over when it stays so"
    )
    hold_seconds: int = Field(description="So long it has to be met before an alert fires")
    severity: Severity
    title: str = Field(examples=["Few order tasks fail"])
    explanation: str = Field(examples=["40 order tasks ended in the last 60 minutes, 2 of them failed: 5 %."])
    remedy: str | None = Field(description="What to do about it; null when nothing is")
    numbers: dict[str, Any] = Field(
        description="The figures behind the verdict with their limits, by name", examples=[_NUMBERS]
    )
    examples: list[ExampleOut]
    link: dict[str, str] = Field(description="Filters that show what is meant, as parameters of GET /tasks")
    since: datetime | None = Field(description="When it began, as far as is known")
    alert_id: UUID | None = Field(description="The open alert about it. Null: there is none")
    muted_until: datetime | None = Field(description="Nothing is told of it until then")


class WouldFireAnswer(Answer):
    """Nothing was changed and nobody was told."""

    shop: str | None = Field(description="The shop's domain. Null: the platform")
    evaluated_at: datetime
    settings: AlertSettings | None = Field(
        description="What was evaluated with. Null: of the platform, or the shop is not in use"
    )
    firing: int = Field(description="How many of the verdicts would be firing alerts")
    pending: int = Field(description="How many have to hold for longer before they fire")
    verdicts: list[VerdictOut] = Field(description="Empty for a shop that is not in use")


class TrialIn(BaseModel):
    """Settings to try; what is left out takes its default."""

    model_config = ConfigDict(extra="forbid")

    settings: CheckedSettings = Field(examples=[{"silence_minutes": 240, "error_rate_percent": 5}])


class ProofOut(BaseModel):
    """What the shop said when it was asked about a silence."""

    id: RowId
    since: datetime = Field(description="The last order that was synced before")
    asked_at: datetime
    verdict: ProofVerdict = Field(
        description="quiet: the shop had no orders either; missed: it had, and they are fetched; "
        "subscription-gone: its webhooks had gone and are made again; unproven: it could not be asked"
    )
    words: str = Field(
        examples=["The shop had 17 orders since Fri 20 Nov 2026 14:05, none of them was synced."]
    )
    made: int = Field(description="Orders made in the shop since")
    missed: int = Field(description="Of these not synced")
    fetched: int = Field(description="Of these synced since, thanks to the tasks")
    task_ids: list[UUID] = Field(description="Tasks that fetch what was missed, or subscribe again")


class ProofsAnswer(Answer):
    proofs: list[ProofOut]
    next: str | None = Field(description="Give this as `before` for the older ones. Null: there are none")


class HourOut(BaseModel):
    """One hour of the week, as the shop's clock shows it."""

    weekday: Weekday
    hour: int = Field(ge=0, le=23)
    minutes_with_orders: int = Field(description="In all the weeks together")
    usual_gap_minutes: int = Field(description="19 of 20 gaps that touch this hour are no longer")
    longest_gap_minutes: int


class SuggestionAnswer(Answer):
    """`silence_minutes`, `window_opens` and `window_closes` can be put into the settings as they are."""

    shop: str
    timezone: str = Field(description="Of the times of day", examples=["Europe/Stockholm"])
    silence_minutes: int | None = Field(description="Null: there is too little to learn from", examples=[120])
    window_opens: str | None = Field(examples=["06:00"])
    window_closes: str | None = Field(description="The same as window_opens: all day", examples=["23:00"])
    crossed: int = Field(description="How often such a silence came in the weeks looked at")
    weeks: float = Field(description="How many were looked at", examples=[8.0])
    evidence: list[str] = Field(
        description="What it is drawn from, in sentences",
        examples=[
            ["In the last 8 weeks the longest gap on Fridays 09–12, the busiest hours, was 41 minutes."]
        ],
    )
    hours: list[HourOut] = Field(description="The hours in which anything is known")
    settings: AlertSettings | None = Field(
        description="What holds now, to compare. Null: the shop is not in use"
    )
