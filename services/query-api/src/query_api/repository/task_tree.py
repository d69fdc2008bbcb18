"""A task with all that led to it and all it led to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from query_api.repository.records import TaskRow
from query_api.repository.tasks import lifetime, tasks_as_of
from shared.db.queries import load_queries

MOST_TASKS = 500
MOST_ABOVE = 100
_queries = load_queries(__file__, "task_tree")


@dataclass(frozen=True, slots=True)
class Tree:
    """In no order. `is_cut`: there may be more tasks than these."""

    tasks: list[TaskRow]
    is_cut: bool


async def tree_of(connection: Any, task: TaskRow, *, as_of: datetime | None = None) -> Tree:
    """Of very many tasks those above it come first, then those below it, then what else belongs to them."""
    above = [record["task_id"] async for record in _above(connection, task)]
    below = await _below(connection, task.task_id)
    beside = await _below(connection, above[-1]) if above and len(below) <= MOST_TASKS else []
    ids = list(dict.fromkeys([task.task_id, *above, *below, *beside]))
    found = await tasks_as_of(connection, ids[:MOST_TASKS], as_of)
    is_cut = len(ids) > MOST_TASKS or len(above) == MOST_ABOVE
    return Tree([row for row in found if row.shop_id == task.shop_id], is_cut)


def _above(connection: Any, task: TaskRow) -> Any:
    return _queries.ids_above(connection, task_id=task.task_id, most=MOST_ABOVE)


async def _below(connection: Any, task_id: UUID) -> list[UUID]:
    within = lifetime(task_id)
    wanted = {"low": within.low, "high": within.high, "wanted": MOST_TASKS + 1}
    return [record["task_id"] async for record in _queries.ids_below(connection, task_id=task_id, **wanted)]
