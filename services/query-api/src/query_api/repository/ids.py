"""Picks the ids of one page of a list, always from the end of index ranges and never by scanning."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

from query_api.task_query import IdRange, TaskQuery, spans
from shared.db.queries import load_queries
from shared.envelope import State, utc_now

_tasks = load_queries(__file__, "tasks")
_shops = load_queries(__file__, "shops")

Find = Callable[..., AsyncIterator[Any]]


async def pick_ids(
    connection: Any, query: TaskQuery, within: IdRange, *, newest: bool, wanted: int
) -> list[UUID]:
    """At most `wanted` ids of matching tasks, newest or oldest first."""
    find, terms = _search(query, newest=newest)
    if "shop_ids" in terms and terms["shop_ids"] is None:
        terms["shop_ids"] = [record["id"] async for record in _shops.shop_ids(connection)]
    ids: list[UUID] = []
    for part in spans(within, newest=newest, now=utc_now()):
        records = find(connection, low=part.low, high=part.high, wanted=wanted - len(ids), **terms)
        ids += [record["task_id"] async for record in records]
        if len(ids) == wanted:
            break
    return ids


def _search(query: TaskQuery, *, newest: bool) -> tuple[Find, dict[str, Any]]:
    """The named query that has an index for these filters, and its terms. `shop_ids` None: all there are."""
    terms: dict[str, Any] = {"shop_ids": None if query.shop_ids is None else list(query.shop_ids)}
    if query.types:
        terms |= {"types": list(query.types), "states": list(query.states or State)}
        return _tasks.newest_ids_by_type if newest else _tasks.oldest_ids_by_type, terms
    if query.states:
        terms |= {"states": list(query.states)}
        return _tasks.newest_ids_by_state if newest else _tasks.oldest_ids_by_state, terms
    if query.shop_ids is not None:
        return _tasks.newest_ids_by_shop if newest else _tasks.oldest_ids_by_shop, terms
    return _tasks.newest_ids if newest else _tasks.oldest_ids, {}
