"""Pages of the task list, walked by keyset: of the board as it is, or as it was at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from query_api.cursors import Cursor
from query_api.repository.history import tasks_at
from query_api.repository.ids import pick_ids
from query_api.repository.records import TaskRow
from query_api.repository.tasks import tasks_by_id
from query_api.task_query import IdRange, TaskQuery, id_range

SCAN_CHUNK = 500
SCAN_LIMIT = 5_000


@dataclass(frozen=True, slots=True)
class Page:
    """Tasks in the order asked for. A page of the past may be short and still have a next: `_find_past`."""

    tasks: list[TaskRow]
    next: Cursor | None
    previous: Cursor | None


@dataclass(frozen=True, slots=True)
class _Found:
    """Matches in the direction of the walk; `resume_at`: the last task looked at, when there may be more."""

    tasks: list[TaskRow]
    resume_at: UUID | None


async def list_page(connection: Any, query: TaskQuery, cursor: Cursor | None, *, limit: int) -> Page:
    is_forward = cursor is None or cursor.is_forward
    newest = query.newest_first == is_forward
    within = _beyond(id_range(query), cursor, newest=newest)
    find = _find_present if query.as_of is None else _find_past
    found = await find(connection, query, within, newest=newest, limit=limit)
    return _page(found, cursor, is_forward=is_forward)


def _beyond(within: IdRange, cursor: Cursor | None, *, newest: bool) -> IdRange:
    if cursor is None:
        return within
    return within.below(cursor.task_id) if newest else within.above(cursor.task_id)


async def _find_present(
    connection: Any, query: TaskQuery, within: IdRange, *, newest: bool, limit: int
) -> _Found:
    ids = await pick_ids(connection, query, within, newest=newest, wanted=limit + 1)
    shown = ids[:limit]
    return _Found(await tasks_by_id(connection, shown), resume_at=shown[-1] if len(ids) > limit else None)


async def _find_past(
    connection: Any, query: TaskQuery, within: IdRange, *, newest: bool, limit: int
) -> _Found:
    """States of the past have no index, so candidates are judged one by one, a bounded number per page."""
    assert query.as_of is not None
    candidates = _candidates(query)
    tasks: list[TaskRow] = []
    last: UUID | None = None
    for _ in range(SCAN_LIMIT // SCAN_CHUNK):
        ids = await pick_ids(connection, candidates, within, newest=newest, wanted=SCAN_CHUNK)
        tasks += [task for task in await tasks_at(connection, ids, query.as_of) if _matches(task, query)]
        if len(tasks) > limit:
            return _Found(tasks[:limit], resume_at=tasks[limit - 1].task_id)
        if len(ids) < SCAN_CHUNK:
            return _Found(tasks, resume_at=None)
        last = ids[-1]
        within = within.below(last) if newest else within.above(last)
    return _Found(tasks, resume_at=last)


def _candidates(query: TaskQuery) -> TaskQuery:
    """What ended before a moment is in the same state today; what was under way then may be in any."""
    states = query.states if all(state.is_final for state in query.states) else ()
    return TaskQuery(states=states, types=query.types, shop_ids=query.shop_ids)


def _matches(task: TaskRow, query: TaskQuery) -> bool:
    return not query.states or task.state in query.states


def _page(found: _Found, cursor: Cursor | None, *, is_forward: bool) -> Page:
    tasks: Sequence[TaskRow] = found.tasks if is_forward else found.tasks[::-1]
    onward = Cursor(found.resume_at, is_forward) if found.resume_at else None
    back = _way_back(tasks, cursor, is_forward=is_forward)
    return (
        Page(list(tasks), next=onward, previous=back)
        if is_forward
        else Page(list(tasks), next=back, previous=onward)
    )


def _way_back(tasks: Sequence[TaskRow], cursor: Cursor | None, *, is_forward: bool) -> Cursor | None:
    """Where we came from, if we came from somewhere; an empty page leads back to where its cursor stood."""
    if cursor is None:
        return None
    if not tasks:
        return Cursor(cursor.task_id, not is_forward)
    edge = tasks[0] if is_forward else tasks[-1]
    return Cursor(edge.task_id, not is_forward)
