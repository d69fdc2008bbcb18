"""Operations: work over many tasks, planned, begun and followed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from query_api.operations.port import Kind, OperationState
from query_api.schemas.answer import Answer, RowId


class PlannedTasks(BaseModel):
    """Tasks of one type that need a look, for one reason."""

    reason: str = Field(examples=["may_repeat_effect"])
    message: str = Field(description="For people")
    type: str | None = Field(description="Null: there is no such task that this token may see")
    count: int
    tasks: list[UUID] = Field(description="The first of them")


class AccountShare(BaseModel):
    """What one account would have to do, and how long that takes it."""

    account_id: RowId
    account: str
    tasks: int
    per_second: float = Field(description="Tasks a second at its rate")
    seconds: int = Field(description="Until the last one is through, what it waits for included")
    paused_until: datetime | None
    problem: str | None = Field(
        description="Why its calls are refused: retries will fail, or wait, until that is mended"
    )


class OperationPlan(BaseModel):
    """What it would do. `matching` = `safe` + `risky` + `left_alone`."""

    matching: int
    safe: int = Field(description="They can be done, and repeat no effect")
    risky: int = Field(description="Only with `may_repeat_effects`: it may do something twice")
    left_alone: int = Field(description="Nothing would be done to them")
    is_exact: bool = Field(description="False: there are more, and these figures are of those looked at")
    seconds: int = Field(description="How long all that takes; accounts work side by side")
    accounts: list[AccountShare]
    at_risk: list[PlannedTasks] = Field(description="Which may repeat an effect, and why")
    not_done: list[PlannedTasks] = Field(description="Which are left alone, and why")


class SkippedTasks(BaseModel):
    reason: str
    message: str
    count: int
    tasks: list[UUID] = Field(description="The first of them")


class Outcomes(BaseModel):
    """How the retries of an operation stand."""

    succeeded: int
    failed: int
    cancelled: int
    pending: int
    is_exact: bool = Field(description="False: there are more retries than were counted")


class OperationFile(BaseModel):
    """What an export made."""

    href: str = Field(
        description="Where it is, for the one who asked for it, until it expires",
        examples=["/api/v1/operations/019a0000-0000-7000-8000-000000000001/file"],
    )
    name: str = Field(examples=["tasks-2026-11-21T0900.csv"])
    media_type: str = Field(examples=["text/csv; charset=utf-8; header=present"])
    size: int = Field(description="In bytes")


class OperationOut(BaseModel):
    id: UUID
    kind: Kind
    state: OperationState
    requested_by: str
    filter: Mapping[str, Any] | None = Field(
        description="As it was asked for; tasks that came to match later do not belong to it. Null: by ids"
    )
    frozen_at: datetime | None = Field(description="It is about the tasks that matched at this moment")
    options: Mapping[str, Any]
    total: int | None = Field(description="How many tasks it is about; null until they are counted")
    done: int
    skipped: int = Field(description="Left alone; `skipped_tasks` says why")
    failed: int
    skipped_tasks: list[SkippedTasks]
    per_second: float | None = Field(description="How fast it went so far")
    seconds_left: int | None
    problem: str | None = Field(description="Why it failed, or what it waits for")
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None = Field(description="Of an export: its file is kept until then")
    file: OperationFile | None = Field(description="Of an export that is done, until it expires")


class OperationAnswer(Answer):
    operation: OperationOut
    outcomes: Outcomes | None = Field(default=None, description="Of a retry: what became of the new tasks")


class StartedOperation(Answer):
    """A dry run has a plan and no operation."""

    dry_run: bool
    plan: OperationPlan | None = Field(description="Of a dry run")
    operation: OperationOut | None


class OperationsAnswer(Answer):
    operations: list[OperationOut]
    next: UUID | None = Field(description="There are more: ask with this as `before`")


class RetryIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    may_repeat_effects: bool = Field(
        default=False,
        description="Also when its effect may have happened, though nobody knows. Look first",
    )


class CancelAnswer(Answer):
    """`cancelled` false: it was cancelled before."""

    task_id: UUID
    cancelled: bool
    message: str


class DeleteAnswer(Answer):
    task_id: UUID
    message: str


class RetryAnswer(Answer):
    """`started` false: it was retried before."""

    retry_of: UUID
    task_id: UUID = Field(description="The new task; it shows in the list of tasks a moment later")
    started: bool
    message: str
