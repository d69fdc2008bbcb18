"""The health of accounts' connections, now and in the past."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from query_api.schemas.answer import Answer, RowId
from shared.connections.judging import Cause
from shared.connections.status import Colour

_COLOUR = (
    "green: normal. yellow: more errors than normal, or slow. red: unavailable, or extremely many errors. "
    "none: unknown, as it has not run for a while or its status could not be read"
)


class Figures(BaseModel):
    """Calls of a stretch of time. Errors are calls that failed, were not answered, or whose credentials were
    refused; an answer that refuses the data is none."""

    calls: int
    errors: int
    error_rate: float | None = Field(description="Null: there were no calls")
    p50_ms: float | None = Field(description="Half of the calls took no longer, as far as classes tell")
    p95_ms: float | None = Field(description="One call in twenty took longer; 10,000 may be any longer time")


class LastErrorOut(BaseModel):
    at: datetime
    message: str | None
    task_id: UUID | None = Field(description="The task whose call it was")


class PartOut(Figures):
    """One part of the account's system; its figures are those of the last minutes."""

    category: str = Field(examples=["orders"])
    status: Colour = Field(description=_COLOUR)
    cause: Cause
    reason: str = Field(examples=["3 of 40 calls failed in the last 10 minutes, normal is up to 5 %"])
    last_call_at: datetime | None = Field(description="Null: it was never called")
    last_error: LastErrorOut | None


class PauseOut(BaseModel):
    """The account's tasks wait, others go on."""

    until: datetime
    reason: str
    is_held: bool = Field(description="It also ends when credentials are entered that work")
    breaker_times: int | None = Field(
        description="Its breaker opened so many times in a row; null: another reason"
    )


class ConnectionOut(BaseModel):
    """One account in use, and how each part of its system is."""

    account_id: RowId
    shop: str = Field(description="The shop's domain")
    kind: str = Field(examples=["shopify"])
    name: str
    status: Colour = Field(description="The gravest of its parts'")
    problem: str | None = Field(description="Why calls are refused for now; null when they work")
    pause: PauseOut | None
    parts: list[PartOut]


class ConnectionsAnswer(Answer):
    connections: list[ConnectionOut]


class UpdateAnswer(Answer):
    """How the trial went, and the connection after it; `pending`: it goes on, look again later."""

    task_id: UUID
    state: Literal["pending", "succeeded", "failed"]
    message: str | None = Field(description="What the other system answered, or what is wrong")
    remedy: str | None = Field(description="What to do about it")
    connection: ConnectionOut


class PointOut(Figures):
    at: datetime = Field(description="The minute or hour that began then")
    status: Colour = Field(description=f"Of an hour the gravest. {_COLOUR}")


class ChangeOut(BaseModel):
    """From then on the connection had another colour, to the minute."""

    at: datetime
    before: Colour
    after: Colour
    reason: str


class SeriesOut(BaseModel):
    category: str
    points: list[PointOut] = Field(description="One for each step, whether there were calls or not")
    changes: list[ChangeOut]


class HistoryAnswer(Answer):
    account_id: RowId
    step: Literal["minute", "hour"]
    start: datetime
    end: datetime = Field(description="Not after `as_of`")
    series: list[SeriesOut]
