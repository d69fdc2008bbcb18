"""Picks the ids of one page of a list, always from the end of index ranges and never by scanning."""

from typing import Any
from uuid import UUID

from query_api.task_query import IdRange, TaskQuery
from shared.db.queries import load_queries
from shared.envelope import State

_tasks = load_queries(__file__, "tasks")
_shops = load_queries(__file__, "shops")


async def pick_ids(
    connection: Any, query: TaskQuery, within: IdRange, *, newest: bool, wanted: int
) -> list[UUID]:
    """At most `wanted` ids of matching tasks, newest or oldest first."""
    bounds = {"low": within.low, "high": within.high, "wanted": wanted}
    if not query.states and not query.types and query.shop_ids is None:
        find = _tasks.newest_ids if newest else _tasks.oldest_ids
        return await _ids(find(connection, **bounds))
    bounds["shop_ids"] = await _explicit_shops(connection, query.shop_ids)
    if query.types:
        find = _tasks.newest_ids_by_type if newest else _tasks.oldest_ids_by_type
        return await _ids(
            find(connection, types=list(query.types), states=list(query.states or State), **bounds)
        )
    if query.states:
        find = _tasks.newest_ids_by_state if newest else _tasks.oldest_ids_by_state
        return await _ids(find(connection, states=list(query.states), **bounds))
    find = _tasks.newest_ids_by_shop if newest else _tasks.oldest_ids_by_shop
    return await _ids(find(connection, **bounds))


async def _explicit_shops(connection: Any, shop_ids: tuple[int, ...] | None) -> list[int]:
    if shop_ids is not None:
        return list(shop_ids)
    return [record["id"] async for record in _shops.shop_ids(connection)]


async def _ids(records: Any) -> list[UUID]:
    return [record["task_id"] async for record in records]
