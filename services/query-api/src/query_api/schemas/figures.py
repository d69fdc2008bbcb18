"""Statistics over time and in comparison."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from query_api.schemas.answer import Answer, RowId

_PERCENTILE = "Told from counted classes of duration, to within about a fifth. Null: nothing was counted"


class FlowOut(BaseModel):
    """What went through in some time."""

    queued: int = Field(description="Tasks that came in")
    started: int = Field(description="Attempts that began")
    retried: int = Field(description="Attempts that failed and are to be repeated")
    succeeded: int
    failed: int
    cancelled: int
    success_rate: float | None = Field(
        description="Succeeded out of all that succeeded or failed. Null: none did"
    )
    throughput: float = Field(description="Tasks that succeeded or failed, per minute")
    duration_p50_ms: float | None = Field(description=f"Half of the attempts took no longer. {_PERCENTILE}")
    duration_p95_ms: float | None = Field(description=f"95 % of the attempts took no longer. {_PERCENTILE}")
    wait_p50_ms: float | None = Field(
        description=f"Half of the attempts that began had waited no longer for a worker. {_PERCENTILE}"
    )
    wait_p95_ms: float | None = Field(
        description=f"95 % of the attempts that began had waited no longer for a worker. {_PERCENTILE}"
    )
    items_processed: int
    items_failed: int


class FlowPointOut(FlowOut):
    start: datetime
    end: datetime = Field(description="Exclusive")
    day: date | None = Field(description="The date it is, when steps are days")
    is_complete: bool = Field(description="False: it goes on, or is not known to stand in the log yet")


class SubjectOut(BaseModel):
    """What figures are about; null: of all."""

    name: str = Field(examples=["order sync"])
    type: str | None = Field(default=None, description="A task type")
    group: str | None = Field(default=None, description="A group of types")
    shop: str | None = Field(default=None, description="A shop's domain")
    account_id: RowId | None = None
    account_kind: str | None = Field(default=None, examples=["supplier"])


class FlowSeriesOut(BaseModel):
    of: SubjectOut
    total: FlowOut = Field(description="All points together")
    points: list[FlowPointOut] = Field(description="One for each step without a gap, the earliest first")


class SeriesAnswer(Answer):
    step: str = Field(examples=["hour"])
    timezone: str = Field(description="Whose days they are; `shop`: each shop's own")
    start: datetime
    end: datetime
    series: list[FlowSeriesOut] = Field(description="The busiest first")
    left_out: int = Field(
        description="How many less busy ones there are besides: ask for fewer or by longer steps"
    )


class ComparedOut(FlowOut):
    of: SubjectOut
    is_active: bool = Field(description="False: an account that is not in use, or a type of old")
    queued_now: int = Field(description="Waiting for their first attempt now")
    processing_now: int = Field(description="Running now")
    retrying_now: int = Field(description="Waiting for another attempt now")


class ComparisonAnswer(Answer):
    start: datetime
    end: datetime
    compared: list[ComparedOut]
