"""What is stored of an order, and of what else its tasks may be about."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from query_api.repository.drivers import shops_of
from query_api.repository.searching import parents_of
from query_api.stories.belonging import OfOrder, Order, PartsOfOrder
from query_api.task_query import TaskQuery, order_numbers_of
from shared.db.queries import load_queries

_queries = load_queries(__file__, "order_story")


async def with_order(connection: Any, query: TaskQuery) -> TaskQuery:
    """The same question, with what its order's id leads to: an order of each shop that has one."""
    if query.order is None:
        return query
    shop_ids, order_id = await shops_of(connection, query), query.order.order_id
    orders = await _stored_with(connection, shop_ids, order_id)
    found = [(one, await parts_of(connection, one, await packages_of(connection, one))) for one in orders]
    return replace(query, order=OfOrder(order_id, tuple(found)))


async def packages_of(connection: Any, order: Order) -> list[Any]:
    return [record async for record in _queries.packages_of(connection, **_place(order))]


async def purchases_of(connection: Any, order: Order) -> list[Any]:
    return [record async for record in _queries.purchases_of(connection, **_place(order))]


async def parts_of(connection: Any, order: Order, packages: Sequence[Any]) -> PartsOfOrder:
    """`packages`: its own, with the tasks that told of them."""
    ids: dict[str, set[str]] = defaultdict(set)
    async for record in _queries.parts_of(connection, **_place(order)):
        ids[record["kind"]].add(record["source_id"])
    told = frozenset(task_id for record in packages for task_id in record["task_ids"])
    told |= await parents_of(connection, told)
    return PartsOfOrder(frozenset(ids["parcel"]), frozenset(ids["refund"]), told)


async def _stored_with(connection: Any, shop_ids: Sequence[int], order_id: str) -> list[Order]:
    found = _queries.orders_with_id(connection, shop_ids=list(shop_ids), order_id=order_id)
    numbers: dict[int, set[str]] = defaultdict(set)
    async for record in found:
        numbers[record["shop_id"]].update(order_numbers_of(record["order_number"] or ""))
    return [Order(shop_id, (order_id,), tuple(sorted(names - {""}))) for shop_id, names in numbers.items()]


def _place(order: Order) -> dict[str, Any]:
    return {"shop_id": order.shop_id, "order_ids": list(order.order_ids)}
