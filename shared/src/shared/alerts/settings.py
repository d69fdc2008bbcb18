"""What a shop wants to be told of, and when."""

from datetime import time, timedelta
from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    field_validator,
)

from shared.alerts.hours import clock_text, time_of_day, window_length
from shared.alerts.words import limit

Minutes = int
MIDNIGHT, MINUTE = time(0), timedelta(minutes=1)
MOST_ADDRESSES = 20
# A silence has to be told within this time.
LONGEST_WAIT = timedelta(days=14)

TimeOfDay = Annotated[
    time,
    PlainValidator(time_of_day, json_schema_input_type=str),
    PlainSerializer(clock_text, return_type=str, when_used="json"),
]


class AlertSettings(BaseModel):
    """One shop's settings. Times of day are in the shop's time zone; opens = closes: the whole day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    silence_is_watched: bool = Field(default=True, description="Whether a silence of orders raises an alert")
    silence_minutes: Minutes = Field(
        default=24 * 60,
        ge=15,
        le=14 * 24 * 60,
        description="Order silence period: so long without an order synced raises an alert",
    )
    window_opens: TimeOfDay = Field(
        default=MIDNIGHT,
        description="Silence counts from this time of day on, in the shop's time zone",
        examples=["06:00"],
        json_schema_extra={"default": "00:00"},
    )
    window_closes: TimeOfDay = Field(
        default=MIDNIGHT,
        validate_default=True,
        description="… until this one; may be on the next day; the same as window_opens: all day",
        examples=["21:00"],
        json_schema_extra={"default": "00:00"},
    )
    error_rate_percent: float = Field(
        default=10, gt=0, le=100, description="So many errors out of all tasks that ended raise an alert"
    )
    error_rate_minutes: Minutes = Field(
        default=60, ge=5, le=24 * 60, description="… of the tasks that ended in the last so many minutes"
    )
    error_rate_min_tasks: int = Field(
        default=20, ge=1, le=1_000_000, description="… if so many ended at least"
    )
    red_minutes: Minutes = Field(
        default=5, ge=1, le=24 * 60, description="A connection unavailable for so long raises an alert"
    )
    queued_minutes: Minutes = Field(
        default=15, ge=1, le=24 * 60, description="A task that waits longer than it should raises an alert"
    )
    new_failures: bool = Field(
        default=True, description="Whether a failure of a kind never seen before raises an alert"
    )
    extra_addresses: tuple[Annotated[EmailStr, Field(max_length=254)], ...] = Field(
        default=(),
        max_length=MOST_ADDRESSES,
        description="Mail addresses told beside the shop's own, which always is",
    )
    reminder_minutes: Minutes = Field(
        default=240,
        ge=15,
        le=7 * 24 * 60,
        description="An alert nobody acknowledged is told again after so many minutes",
    )

    @field_validator("window_closes")
    @classmethod
    def _period_is_reached(cls, closes: time, info: ValidationInfo) -> time:
        period, opens = info.data.get("silence_minutes"), info.data.get("window_opens")
        if period is None or opens is None:
            return closes
        a_day = window_length(opens, closes)
        if period * MINUTE > a_day * LONGEST_WAIT.days:
            raise ValueError(_never_reached(period, a_day))
        return closes

    @field_validator("extra_addresses")
    @classmethod
    def _each_once(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """However they are written: capitals make no other mailbox."""
        kept: dict[str, str] = {}
        for address in addresses:
            kept.setdefault(address.casefold(), address)
        return tuple(kept.values())

    @property
    def silence_period(self) -> timedelta:
        return timedelta(minutes=self.silence_minutes)

    @property
    def reminder_interval(self) -> timedelta:
        return timedelta(minutes=self.reminder_minutes)


def _never_reached(period: Minutes, a_day: timedelta) -> str:
    most = a_day * LONGEST_WAIT.days // MINUTE
    return (
        f"leaves {limit(a_day // MINUTE)} a day for silence to count in: one of {limit(period)} would not be "
        f"noticed within {LONGEST_WAIT.days} days. Choose longer hours, or a silence of {limit(most)} at most"
    )
