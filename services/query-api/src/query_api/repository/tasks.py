"""Single tasks and the tasks around them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from query_api.repository.history import tasks_at
from query_api.repository.plans import planned_once
from query_api.repository.records import TaskRow, task_row
from query_api.task_query import IdRange, TaskQuery, id_range
from query_api.time_spans import Span
from shared.db.queries import load_queries
from shared.envelope import utc_now
from shared.identity import NEWEST_PLAUSIBLE_TRIGGER, created_at

RELATED_LIMIT = 100
_queries = load_queries(__file__, "tasks")


@dataclass(frozen=True, slots=True)
class Related:
    """The tasks around one task; of very many follow-ups and retries the first hundred are given."""

    parent: TaskRow | None
    retry_of: TaskRow | None
    follow_ups: list[TaskRow]
    retries: list[TaskRow]
    has_more: bool

    @property
    def tasks(self) -> list[TaskRow]:
        ancestors = [task for task in (self.parent, self.retry_of) if task is not None]
        return [*ancestors, *self.follow_ups, *self.retries]


async def tasks_by_id(connection: Any, task_ids: Sequence[UUID]) -> list[TaskRow]:
    """In the order of the ids; tasks that do not exist are left out."""
    if not task_ids:
        return []
    records = _queries.tasks_by_id(connection, task_ids=list(task_ids), low=min(task_ids), high=max(task_ids))
    async with planned_once(connection):
        rows = [task_row(record) async for record in records]
    by_id = {row.task_id: row for row in rows}
    return [by_id[task_id] for task_id in task_ids if task_id in by_id]


async def find_task(connection: Any, task_id: UUID, *, as_of: datetime | None = None) -> TaskRow | None:
    """The task as it is, or as it was recorded at a moment; None when it did not exist."""
    found = await tasks_as_of(connection, [task_id], as_of)
    return found[0] if found else None


async def related_to(connection: Any, task: TaskRow, *, as_of: datetime | None = None) -> Related:
    """Parent, follow-ups and retries, as they are or as they were."""
    within = lifetime(task.task_id)
    wanted = {"task_id": task.task_id, "low": within.low, "high": within.high, "wanted": RELATED_LIMIT + 1}
    follow_ups = [record["task_id"] async for record in _queries.follow_up_ids(connection, **wanted)]
    retries = [record["task_id"] async for record in _queries.retry_ids(connection, **wanted)]
    ids = [*follow_ups[:RELATED_LIMIT], *retries[:RELATED_LIMIT]]
    ids += [task_id for task_id in (task.parent_id, task.retry_of) if task_id is not None]
    by_id = {row.task_id: row for row in await tasks_as_of(connection, ids, as_of)}
    return Related(
        parent=by_id.get(task.parent_id) if task.parent_id else None,
        retry_of=by_id.get(task.retry_of) if task.retry_of else None,
        follow_ups=[by_id[task_id] for task_id in follow_ups[:RELATED_LIMIT] if task_id in by_id],
        retries=[by_id[task_id] for task_id in retries[:RELATED_LIMIT] if task_id in by_id],
        has_more=max(len(follow_ups), len(retries)) > RELATED_LIMIT,
    )


async def tasks_as_of(connection: Any, task_ids: Sequence[UUID], as_of: datetime | None) -> list[TaskRow]:
    """As they are, or as they were at a moment; those that were not there are left out."""
    if as_of is None:
        return await tasks_by_id(connection, task_ids)
    return await tasks_at(connection, task_ids, as_of)


def lifetime(task_id: UUID) -> IdRange:
    """The ids of what a task can have caused: as a sender's clock may run ahead of ours, an effect can seem
    somewhat older than its cause."""
    tolerance = NEWEST_PLAUSIBLE_TRIGGER + timedelta(minutes=1)
    return id_range(TaskQuery(created=Span(created_at(task_id) - tolerance, utc_now() + timedelta(days=1))))
