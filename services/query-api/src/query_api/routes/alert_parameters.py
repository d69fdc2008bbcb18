"""What may be asked of alerts and done about them, and how it is checked."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from query_api.alert_query import AlertQuery, AlertState
from query_api.problems import invalid
from query_api.routes.parameters import Moment
from shared.alerts.verdicts import Rule, Severity

A_YEAR = 366 * 24 * 60

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000, pattern=r"^[^\x00]*$")]


class AlertsParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: list[AlertState] = Field(default=[], description="May be repeated", examples=[["firing"]])
    rule: list[Rule] = Field(default=[], description="What is watched; may be repeated")
    severity: list[Severity] = Field(default=[], description="May be repeated")
    shop: list[str] = Field(default=[], description="A shop's domain; may be repeated")
    since: Moment | None = Field(
        default=None, description="Noticed then or later. RFC 3339 with an offset, e.g. 2026-11-21T08:00:00Z"
    )
    limit: int = Field(default=50, ge=1, le=500)
    cursor: str | None = Field(
        default=None,
        description="`next` or `previous` of an answer to the same query; only the limit may differ",
    )


class AcknowledgeIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: Note | None = Field(default=None, examples=["The CRM is being repaired"])


class MuteIn(BaseModel):
    """For how long: either until a moment, or for so many minutes."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"minutes": 120, "note": "Maintenance of the CRM"}]}
    )

    until: Moment | None = Field(
        default=None, description="RFC 3339 with an offset; within a year", examples=["2026-11-21T18:00:00Z"]
    )
    minutes: int | None = Field(default=None, ge=1, le=A_YEAR, examples=[120])
    note: Note | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "MuteIn":
        if (self.until is None) == (self.minutes is None):
            raise ValueError("give either until or minutes")
        return self


def alert_query(parameters: AlertsParameters, shop_ids: tuple[int, ...] | None) -> AlertQuery:
    """`shop_ids`: already narrowed to those the reader may see; None: all, and the platform."""
    return AlertQuery(
        states=tuple(dict.fromkeys(parameters.state)),
        rules=tuple(dict.fromkeys(parameters.rule)),
        severities=tuple(dict.fromkeys(parameters.severity)),
        shop_ids=shop_ids,
        since=parameters.since,
    )


def end_of(wanted: MuteIn, now: datetime) -> datetime:
    """Raises Problem for a moment that has passed, or is too far off."""
    if wanted.until is None:
        return now + timedelta(minutes=wanted.minutes or 0)
    if not now < wanted.until <= now + timedelta(minutes=A_YEAR):
        raise invalid(
            "until", f"Choose a moment within a year from now, {now.isoformat(timespec='seconds')}."
        )
    return wanted.until
