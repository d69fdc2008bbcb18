"""Tasks, their transitions and their data."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field

from query_api.exact import exact
from query_api.schemas.answer import Answer, RowId
from shared.envelope import State

Exact = Annotated[Any, BeforeValidator(exact)]
_WITHHELD = (
    "There is an answer of the other side that is not shown: it may hold data of persons, which is for the "
    "roles operator and admin"
)


class TaskBrief(BaseModel):
    """A task as lists show it."""

    id: UUID
    type: str = Field(examples=["SyncOrder"])
    group: str = Field(examples=["order sync"])
    state: State
    attempt: int = Field(description="The attempt under way, or the last one", examples=[2])
    max_attempts: int = Field(examples=[5])
    shop: str = Field(description="The shop's domain", examples=["demo.myshopify.com"])
    shop_id: RowId
    account_id: RowId | None = Field(description="The external system it works with")
    account: str | None = Field(description="Kind and name of that system", examples=["engage main"])
    source_id: str | None = Field(
        description="The entity's id where the data comes from", examples=["5523001122334"]
    )
    target_id: str | None = Field(description="The entity's id where the data goes")
    order_number: str | None = Field(examples=["1042"])
    created_at: datetime
    queued_at: datetime
    started_at: datetime | None = Field(description="Start of the current or last attempt")
    completed_at: datetime | None
    due_at: datetime | None = Field(description="When a retrying task is tried again")
    duration_ms: float | None = Field(description="How long the last attempt ran", examples=[412.7])
    items_processed: int | None = Field(description="Of batch tasks: items handled")
    items_failed: int | None
    items_total: int | None
    note: str | None = Field(description="Why a succeeded task had less to do than expected")
    error_kind: str | None = Field(description="Machine word for what went wrong", examples=["rate_limit"])
    error_message: str | None
    parent_id: UUID | None = Field(description="The task that caused this one")
    root_id: UUID | None = Field(description="The first task of the chain")
    retry_of: UUID | None = Field(description="The task that a person retried with this one")
    updated_at: datetime


class TaskError(BaseModel):
    """Why a task failed, or why its last attempt has to be repeated."""

    kind: str = Field(examples=["authentication"])
    message: str
    http_status: int | None = Field(examples=[401])
    response_excerpt: str | None = Field(description="The beginning of what the other side answered")
    is_withheld: bool = Field(description=_WITHHELD)
    place: str | None = Field(description="Where in the system")
    remedy: str | None = Field(description="What to do next")
    fingerprint: str | None = Field(description="Equal for equal failures")


class Task(TaskBrief):
    """All properties of a task."""

    description: str = Field(description="What tasks of this type do")
    summary: Exact | None = Field(description="Results of batch tasks; integers beyond 2^53 are strings")
    error: TaskError | None
    parent: TaskBrief | None
    retried: TaskBrief | None = Field(description="The task named by `retry_of`")
    follow_ups: list[TaskBrief] = Field(description="Tasks this one caused, oldest first, a hundred at most")
    retries: list[TaskBrief] = Field(description="Tasks with which people retried this one")
    has_more_related: bool = Field(description="There are more follow-ups or retries than are listed here")


class TaskAnswer(Answer):
    task: Task


class TaskListAnswer(Answer):
    tasks: list[TaskBrief]
    next: str | None = Field(description="Cursor of the next page. Null: this is the last one")
    previous: str | None = Field(description="Cursor of the page before. Null: this is the first one")
    is_short: bool = Field(
        description="The search was interrupted before the page was full; `next` goes on with it"
    )


class TaskCountAnswer(Answer):
    count: int = Field(examples=[1000])
    is_exact: bool = Field(description="False: there are at least so many")
    words: str = Field(examples=["more than 1,000"])


class TaskEvent(BaseModel):
    """One transition, unique by attempt and state."""

    attempt: int
    state: State
    occurred_at: datetime
    recorded_at: datetime
    service: str = Field(examples=["sync-worker"])
    by: str = Field(
        description="The person, or the clock, that wanted it, else the service", examples=["Kim"]
    )
    max_attempts: int
    trace_id: str | None = Field(description="The trace it belongs to, where services send traces")
    detail: Exact = Field(description="What the transition added; integers beyond 2^53 are strings")
    is_withheld: bool = Field(description=_WITHHELD)


class TaskEventsAnswer(Answer):
    task_id: UUID
    events: list[TaskEvent] = Field(description="In the order they happened")


class Body(BaseModel):
    """Bytes as they travelled, secrets removed."""

    size: int = Field(description="In bytes")
    encoding: Literal["text", "base64"] = Field(description="`text` when the bytes are valid UTF-8")
    layout: Literal["pretty", "raw"] = Field(
        description="`pretty`: JSON indented for reading, every digit as it was; else as it travelled"
    )
    body: str
    raw: str = Field(description="Address of the exact bytes")


class PayloadEntry(BaseModel):
    """Data that came in (position 0), or one request made and its answer."""

    attempt: int
    position: int
    kind: Literal["received", "call"]
    meta: Exact = Field(description="Method, address, headers, status and times")
    sent: Body | None
    received: Body | None
    is_erased: bool = Field(description="The bodies were destroyed and can not be shown any more")


class PayloadsAnswer(Answer):
    task_id: UUID
    payloads: list[PayloadEntry]
