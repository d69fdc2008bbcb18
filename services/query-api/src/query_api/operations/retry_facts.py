"""What is known of tasks that somebody wants to retry, and which retry each has been given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from query_api.operations.retry_verdict import Ended
from query_api.repository.drivers import retried_among
from query_api.repository.records import TaskRow
from query_api.repository.syncing import budgets_of
from shared.db.queries import load_queries
from shared.identity import new_task_id

MOST_OUTCOMES = 10_000
_queries = load_queries(__file__, "retrying")


@dataclass(frozen=True, slots=True)
class Target:
    """An account that retries will ask. `budgets`: requests or points a second, by operation."""

    id: int
    name: str
    kind: str
    is_active: bool
    problem: str | None
    settings: Mapping[str, Any]
    paused_until: datetime | None
    budgets: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Reservation:
    """The id a task's retry has, whoever publishes it; `operation_id` None: it is retried by itself."""

    task_id: UUID
    retry_id: UUID
    operation_id: UUID | None
    is_published: bool


@dataclass(frozen=True, slots=True)
class Known:
    """`header` of the task as it was first published; None: the log has lost it."""

    ended: Ended
    header: Mapping[str, Any] | None


async def known_of(connection: Any, tasks: Sequence[TaskRow], operation_id: UUID | None) -> dict[UUID, Known]:
    """A retry that this operation itself has reserved does not count as one."""
    if not tasks:
        return {}
    ids = [task.task_id for task in tasks]
    rows = _queries.facts(connection, task_ids=ids, low=min(ids), high=max(ids))
    facts = {row["task_id"]: row async for row in rows}
    logged = await retried_among(connection, ids, until=None)
    targets = await targets_of(connection, {task.account_id for task in tasks if task.account_id})
    shops_off = {row["id"] async for row in _shops_off(connection, tasks)}
    return {
        task.task_id: Known(
            Ended(
                type=task.type,
                state=task.state,
                error_kind=task.error_kind or facts[task.task_id]["last_error_kind"],
                has_payload=facts[task.task_id]["has_payload"],
                was_uncertain=facts[task.task_id]["was_uncertain"],
                is_retried=_is_retried(facts[task.task_id], task.task_id in logged, operation_id),
                is_account_active=_is_active(task.account_id, targets),
                is_shop_active=task.shop_id not in shops_off,
            ),
            facts[task.task_id]["header"],
        )
        for task in tasks
    }


async def targets_of(connection: Any, account_ids: set[int]) -> dict[int, Target]:
    budgets = await budgets_of(connection, list(account_ids))
    rows = _queries.accounts(connection, account_ids=list(account_ids))
    return {row["id"]: Target(**dict(row), budgets=budgets.get(row["id"], {})) async for row in rows}


async def reserve(connection: Any, task_ids: Sequence[UUID], operation_id: UUID | None) -> None:
    """Committed before anything is published: a crash, or a second click, finds the same ids again."""
    new = [new_task_id() for _ in task_ids]
    await _queries.reserve(connection, task_ids=list(task_ids), retry_ids=new, operation_id=operation_id)


async def hold_reserved(connection: Any, task_ids: Sequence[UUID]) -> dict[UUID, Reservation]:
    """Inside the caller's transaction, until its end: whoever wants the same tasks waits to see them done."""
    rows = _queries.hold_reserved(connection, task_ids=list(task_ids))
    return {
        row["task_id"]: Reservation(
            row["task_id"], row["retry_id"], row["operation_id"], row["published_at"] is not None
        )
        async for row in rows
    }


async def retry_id_of(connection: Any, task_id: UUID) -> UUID | None:
    """The task with which one was retried last, if any was."""
    found: UUID | None = await _queries.retry_id(connection, task_id=task_id)
    return found


async def note_published(connection: Any, task_ids: Sequence[UUID], operation_id: UUID | None) -> None:
    await _queries.note_published(connection, task_ids=list(task_ids), operation_id=operation_id)


async def outcomes_of(connection: Any, operation_id: UUID) -> dict[str, int]:
    """How many of an operation's retries are in each state; of very many the first are counted."""
    rows = _queries.outcomes(connection, operation_id=operation_id, wanted=MOST_OUTCOMES)
    return {row["state"]: row["n"] async for row in rows}


def _shops_off(connection: Any, tasks: Sequence[TaskRow]) -> Any:
    return _queries.shops_off(connection, shop_ids=list({task.shop_id for task in tasks}))


def _is_active(account_id: int | None, targets: Mapping[int, Target]) -> bool:
    return account_id is None or (account_id in targets and targets[account_id].is_active)


def _is_retried(row: Any, is_logged: bool, operation_id: UUID | None) -> bool:
    if row["retry_id"] is None:
        return is_logged
    is_own = operation_id is not None and row["operation_id"] == operation_id
    return row["published_at"] is not None and not is_own
