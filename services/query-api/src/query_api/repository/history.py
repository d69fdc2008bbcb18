"""The log read as it was at a moment: what had occurred until then, and nothing after."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from query_api.recorder import fold
from query_api.recorder.events import Event
from query_api.repository.plans import planned_once
from query_api.repository.records import EventRow, TaskRow, event_row, task_row
from shared.db.queries import load_queries

_queries = load_queries(__file__, "events")
_NEVER = datetime(9999, 12, 30, tzinfo=UTC)


async def events_of(connection: Any, task_id: UUID, *, as_of: datetime | None = None) -> list[EventRow]:
    """Every transition of a task in the order they happened."""
    if as_of is None:
        records = _queries.events_of(connection, task_id=task_id)
    else:
        records = _until(connection, [task_id], as_of)
    return in_order([event_row(record) async for record in records])


async def events_of_tasks(
    connection: Any, task_ids: Sequence[UUID], *, as_of: datetime | None = None
) -> dict[UUID, list[EventRow]]:
    """Every transition of each of some tasks in the order they happened."""
    if not task_ids:
        return {}
    events: dict[UUID, list[EventRow]] = defaultdict(list)
    async with planned_once(connection):
        async for record in _until(connection, task_ids, as_of or _NEVER):
            events[record["task_id"]].append(event_row(record))
    return {task_id: in_order(rows) for task_id, rows in events.items()}


def in_order(events: Iterable[EventRow]) -> list[EventRow]:
    """Those of one task in the order they happened."""
    return sorted(events, key=lambda row: (row.attempt, row.state.rank))


async def tasks_at(connection: Any, task_ids: Sequence[UUID], moment: datetime) -> list[TaskRow]:
    """The tasks in the states they had, in the order of the ids; those that did not exist are left out."""
    events = await events_of_tasks(connection, task_ids, as_of=moment)
    return [folded(events[task_id]) for task_id in task_ids if task_id in events]


def _until(connection: Any, task_ids: Sequence[UUID], moment: datetime) -> Any:
    bounds = {"low": min(task_ids), "high": max(task_ids)}
    return _queries.events_until(connection, task_ids=list(task_ids), moment=moment, **bounds)


def folded(events: Sequence[EventRow]) -> TaskRow:
    """The task as these transitions leave it, by the recorder's own rules."""
    row = fold.task_row([_recorded(event) for event in events])._asdict()
    ids = {name: row[name] and UUID(row[name]) for name in ("parent_id", "root_id", "retry_of")}
    return task_row(row | ids)


def _recorded(event: EventRow) -> Event:
    return Event(
        event.task_id,
        event.attempt,
        event.state,
        event.occurred_at,
        event.service,
        event.header,
        event.detail,
    )
