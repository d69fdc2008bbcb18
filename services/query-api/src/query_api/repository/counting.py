"""How many tasks match: from counters where they tell, else as far as a short walk gets."""

from dataclasses import dataclass, fields, replace
from typing import Any

from query_api.repository.drivers import number_of
from query_api.repository.pages import find
from query_api.task_query import Sort, TaskQuery

COUNTED_AT_MOST = 1_000
_IN_COUNTERS = ("shop_ids", "states", "types", "account_ids", "sort", "descending")


@dataclass(frozen=True, slots=True)
class Count:
    """Not exact: there are at least so many."""

    n: int
    is_exact: bool


async def count_tasks(connection: Any, query: TaskQuery) -> Count:
    if all(getattr(query, one.name) == one.default for one in fields(query) if one.name not in _IN_COUNTERS):
        return Count(await number_of(connection, query), is_exact=True)
    by_creation = replace(query, sort=Sort.CREATED, descending=True)
    found = await find(connection, by_creation, None, is_forward=True, limit=COUNTED_AT_MOST)
    return Count(len(found.spots), is_exact=found.resume_at is None)
