"""Which orders an id or a number means."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from query_api.repository.driver import By, Driver
from query_api.repository.drivers import facts_of, pick_ids, shops_of
from query_api.stories.belonging import Order, is_of_orders
from query_api.task_query import TaskQuery, id_range, order_numbers_of
from shared.db.queries import load_queries

MOST_ORDERS = 100
_queries = load_queries(__file__, "order_story")

_Called = tuple[int, str | None, str | None]


async def orders_called(connection: Any, shop_ids: Sequence[int] | None, text: str) -> list[Order]:
    """One for each shop that has such an order; `shop_ids` None: of all shops. An id goes before a number.

    Orders that are not stored, because they failed or were erased, are known from their tasks.
    """
    query = TaskQuery(shop_ids=None if shop_ids is None else tuple(shop_ids))
    found = _queries.orders_called(
        connection,
        shop_ids=await shops_of(connection, query),
        order_id=text,
        numbers=list(order_numbers_of(text)),
        wanted=MOST_ORDERS,
    )
    records = [record async for record in found]
    chosen = [record for record in records if record["is_by_id"]] or records
    stored = [(record["shop_id"], record["source_id"], record["order_number"]) for record in chosen]
    return _by_shop(stored or await _from_tasks(connection, query, text))


async def _from_tasks(connection: Any, query: TaskQuery, text: str) -> list[_Called]:
    drivers = (
        Driver(query, By.ORDER_NUMBER, order_numbers_of(text)),
        Driver(query, By.SOURCE_ID, (text,)),
    )
    both = [
        await pick_ids(connection, driver, id_range(query), newest=True, wanted=MOST_ORDERS)
        for driver in drivers
    ]
    facts = (await facts_of(connection, sorted({*both[0], *both[1]}))).values()
    return [
        (fact.shop_id, fact.source_id if is_of_orders(fact.type) else None, fact.order_number)
        for fact in facts
        if is_of_orders(fact.type) or fact.order_number in order_numbers_of(text)
    ]


def _by_shop(called: Iterable[_Called]) -> list[Order]:
    ids: dict[int, set[str]] = defaultdict(set)
    numbers: dict[int, set[str]] = defaultdict(set)
    for shop_id, order_id, number in called:
        ids[shop_id].update([order_id] if order_id else [])
        numbers[shop_id].update(order_numbers_of(number) if number else [])
    return [
        Order(shop_id, tuple(sorted(ids[shop_id])), tuple(sorted(numbers[shop_id])))
        for shop_id in sorted(ids)
    ]
