"""How many tasks match: from counters where they tell, else as far as a short walk gets."""

from dataclasses import dataclass, fields, replace
from typing import Any

from query_api.repository.drivers import shops_of
from query_api.repository.pages import find
from query_api.task_query import Sort, TaskQuery
from shared.db.queries import load_queries
from shared.envelope import State
from shared.tasks import TaskType

COUNTED_AT_MOST = 1_000
_IN_COUNTERS = ("shop_ids", "states", "types", "account_ids", "sort", "descending")

_queries = load_queries(__file__, "task_ids")


@dataclass(frozen=True, slots=True)
class Count:
    """Not exact: there are at least so many."""

    n: int
    is_exact: bool


async def count_tasks(connection: Any, query: TaskQuery) -> Count:
    if all(getattr(query, one.name) == one.default for one in fields(query) if one.name not in _IN_COUNTERS):
        return Count(await _from_counters(connection, query), is_exact=True)
    by_creation = replace(query, sort=Sort.CREATED, descending=True)
    found = await find(connection, by_creation, None, is_forward=True, limit=COUNTED_AT_MOST)
    return Count(len(found.spots), is_exact=found.resume_at is None)


async def _from_counters(connection: Any, query: TaskQuery) -> int:
    n: int = await _queries.number_of(
        connection,
        shop_ids=await shops_of(connection, query),
        types=list(query.types or TaskType),
        states=list(query.states or State),
        account_ids=list(query.account_ids) or None,
    )
    return n
