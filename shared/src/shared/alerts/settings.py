"""What a shop wants to be told of, and when."""

from datetime import time, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, EmailStr, Field

Minutes = int
MIDNIGHT = time(0)


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
    window_opens: time = Field(
        default=MIDNIGHT, description="Silence counts from this time of day on, in the shop's time zone"
    )
    window_closes: time = Field(
        default=MIDNIGHT,
        description="… until this one; may be on the next day; the same as window_opens: all day",
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
        default=(), max_length=20, description="Mail addresses told beside the shop's own, which always is"
    )
    reminder_minutes: Minutes = Field(
        default=240,
        ge=15,
        le=7 * 24 * 60,
        description="An alert nobody acknowledged is told again after so many minutes",
    )

    @property
    def silence_period(self) -> timedelta:
        return timedelta(minutes=self.silence_minutes)

    @property
    def reminder_interval(self) -> timedelta:
        return timedelta(minutes=self.reminder_minutes)
