"""The story of one order, from all its tasks and from what is stored of its packages and purchases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from query_api.repository.driver import of_order
from query_api.repository.drivers import facts_of, pick_ids
from query_api.repository.history import events_of_tasks
from query_api.repository.order_parts import packages_of, parts_of, purchases_of
from query_api.repository.records import EventRow, Names, TaskRow
from query_api.repository.shops import names_for
from query_api.repository.tasks import tasks_as_of
from query_api.stories.belonging import Order, PartsOfOrder, tells_of
from query_api.stories.order_steps import Package, Parts, Purchase, Step, steps_of
from query_api.task_query import TaskQuery, id_range
from shared.db.queries import load_queries

MOST_TASKS = 300
_queries = load_queries(__file__, "order_story")


@dataclass(frozen=True, slots=True)
class Story:
    """`has_more`: of very many tasks the newest are told, and there may be more."""

    order: Order
    steps: list[Step]
    names: Names
    has_more: bool


@dataclass(frozen=True, slots=True)
class _Stored:
    packages: list[Package]
    purchases: list[Purchase]
    parts: PartsOfOrder

    @property
    def account_ids(self) -> set[int]:
        return {one.account_id for one in self.packages} | {one.account_id for one in self.purchases}


async def order_story(connection: Any, order: Order, *, as_of: datetime | None = None) -> Story:
    """In the order it happened; as far as it had come at a moment."""
    stored = await _stored(connection, order)
    ids, is_cut = await _task_ids(connection, order, stored.parts)
    tasks = await tasks_as_of(connection, ids, as_of)
    parts = Parts(
        tasks=tasks,
        events=await _events(connection, tasks, as_of),
        topics=await _topics(connection, tasks),
        packages=stored.packages,
        purchases=stored.purchases,
        names=await names_for(connection, tasks, stored.account_ids),
    )
    return Story(order, steps_of(parts, until=as_of), parts.names, has_more=is_cut)


async def _task_ids(connection: Any, order: Order, parts: PartsOfOrder) -> tuple[list[UUID], bool]:
    """The newest, and whether there may be more."""
    query = TaskQuery(shop_ids=(order.shop_id,))
    wanted = 2 * MOST_TASKS  # some are about other things with the same id
    several = of_order(query, order, parts)
    ids = await pick_ids(connection, several, id_range(query), newest=True, wanted=wanted)
    facts = await facts_of(connection, ids)
    told = [one for one in ids if one in facts and tells_of(facts[one], order, parts)]
    return told[:MOST_TASKS], len(told) > MOST_TASKS or len(ids) == wanted


async def _stored(connection: Any, order: Order) -> _Stored:
    packages = await packages_of(connection, order)
    return _Stored(
        [_package(record) for record in packages if record["synced_at"]],
        [Purchase(**record) for record in await purchases_of(connection, order)],
        await parts_of(connection, order, packages),
    )


def _package(record: Any) -> Package:
    return Package(**{name: value for name, value in record.items() if name != "task_ids"})


async def _events(
    connection: Any, tasks: Sequence[TaskRow], as_of: datetime | None
) -> dict[UUID, list[EventRow]]:
    return await events_of_tasks(connection, [task.task_id for task in tasks], as_of=as_of)


async def _topics(connection: Any, tasks: Sequence[TaskRow]) -> dict[UUID, str]:
    ids = [task.task_id for task in tasks]
    if not ids:
        return {}
    found = _queries.topics_of(connection, task_ids=ids, low=min(ids), high=max(ids))
    return {record["task_id"]: record["topic"] async for record in found}
