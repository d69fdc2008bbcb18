"""What an operation is, and what a kind of operation has to say and do.

The runner claims an operation, has its kind's `Job` work on it, and ends it. Most kinds do the same to one
task after the other: those are a `Step`, which `Batchwise` makes a job of.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from query_api.auth import Role
from query_api.repository.records import TaskRow
from query_api.task_query import TaskQuery


class Kind(StrEnum):
    RETRY = "retry"
    CANCEL = "cancel"
    DELETE = "delete"
    EXPORT = "export"


class OperationState(StrEnum):
    """`queued → running → succeeded | aborted | failed`; `paused` until somebody lets it go on."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    ABORTED = "aborted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Operation:
    """A row. `shop_ids` None: all shops. `cursor`: how far it has come, in its kind's own words."""

    id: UUID
    kind: Kind
    state: OperationState
    shop_ids: tuple[int, ...] | None
    selection: Mapping[str, Any]
    options: Mapping[str, Any]
    total: int | None
    done: int
    skipped: int
    failed: int
    cursor: Mapping[str, Any] | None
    summary: Mapping[str, Any]
    problem: str | None
    requested_by: str
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a task is left alone; with `is_risk`: why it is, unless those who asked accept the risk."""

    reason: str
    message: str
    is_risk: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """What one account will have to do because of an operation, and how long that takes it."""

    account_id: int
    account: str
    tasks: int
    per_second: float
    seconds: int
    paused_until: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an operation stands after a part of its work; numbers are added to those before."""

    cursor: Mapping[str, Any] | None
    done: int = 0
    skipped: int = 0
    failed: int = 0
    summary: Mapping[str, Any] = field(default_factory=dict)


class Stopped(Exception):
    """The operation was paused or aborted, or another replica has it: leave it as it is."""


class Unworkable(Exception):
    """The operation can not go on, for the reason in the message: it ends as failed."""


class Delayed(Exception):
    """It can not go on now, for the reason in the message: it goes on a little later where it stood."""


class Held(Protocol):
    """An operation in the hands of this replica."""

    @property
    def operation(self) -> Operation:
        """As it was last seen or moved."""

    def moving(self) -> AbstractAsyncContextManager[Any]:
        """A transaction in which nobody else can move, pause or abort the operation. Raises Stopped.

        Everything one part of the work writes belongs in it, together with `advance`.
        """

    async def set_total(self, connection: Any, total: int) -> None:
        """How much there is to do. Inside `moving`."""

    async def advance(self, connection: Any, progress: Progress) -> None:
        """Inside `moving`: what was done counts when that commits."""


class Job(Protocol):
    """How a whole operation of one kind is done."""

    async def work(self, held: Held) -> None:
        """Until it is done. Raises Stopped, Unworkable; and Delayed or what infrastructure raises: then it
        goes on later where it stood."""


class Step(Protocol):
    """What is done to each task of an operation, some at a time."""

    @property
    def least(self) -> Role:
        """Who may ask for it."""

    @property
    def per_second(self) -> float:
        """How many tasks a second, where nothing slower is asked for."""

    def narrowed(self, query: TaskQuery, frozen_at: datetime) -> TaskQuery:
        """Of the tasks of a filter those that can be meant, as they were when it was asked: what comes later
        does not belong to it."""

    async def judge(
        self, connection: Any, tasks: Sequence[TaskRow], operation_id: UUID | None
    ) -> Mapping[UUID, Verdict]:
        """Of tasks that are left alone, or are at risk, why. `operation_id` None: it is being planned."""

    async def shares(self, connection: Any, numbers: Mapping[int, int]) -> Sequence[Share]:
        """What it means to accounts, by how many tasks of each would be taken; none where it does not."""

    async def take(
        self, connection: Any, operation: Operation, tasks: Sequence[TaskRow]
    ) -> Mapping[UUID, Verdict]:
        """Does it to tasks that were judged good, inside the transaction that moves the operation on. Those
        that could not be taken after all, and why.

        A crash may come before the commit: then the same tasks come again.
        """
