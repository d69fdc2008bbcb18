"""A tree and a story are gathered by indexes, however large the log is."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

from query_api.repository.connections import snapshot
from query_api.repository.order_story import order_story
from query_api.repository.orders_called import orders_called
from query_api.repository.task_tree import tree_of
from query_api.repository.tasks import find_task
from shared.envelope import State
from shared.tasks import TaskType
from tests.integration.query_api.shipping import add_account, add_shipment
from tests.integration.query_api.world import World

SMALL = {"shops", "accounts"}


async def test_no_table_is_read_as_a_whole(world: World, shop: int) -> None:
    about: dict[str, Any] = {"shop_id": shop, "source_id": "O-1", "order_number": "#1001"}
    webhook = await world.record_task(State.SUCCEEDED, type=TaskType.ORDER_WEBHOOK, **about)
    told = await world.record_task(
        State.SUCCEEDED, type=TaskType.WRITEBACK_SHIPMENT, parent_id=webhook.id, **about
    )
    account = await add_account(world.pool, shop)
    await add_shipment(world.pool, account, 1, task_id=told.id)
    await world.pool.execute("INSERT INTO store.orders VALUES ($1, 'O-1', '#1001')", shop)
    async with snapshot(world.pool) as connection:
        statements: list[Any] = []
        connection.add_query_logger(statements.append)
        task = await find_task(connection, told.id)
        assert task is not None
        assert len((await tree_of(connection, task)).tasks) == 2
        (order,) = await orders_called(connection, [shop], "1001")
        assert len((await order_story(connection, order)).steps) == 2
        await asyncio.sleep(0)  # the logger is called by the event loop
        plans = [await _explained(connection, said.query, said.args) for said in list(statements)]
    nodes = [node for plan in plans for node in _nodes(plan)]
    whole = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
    assert whole <= SMALL


async def _explained(connection: Any, sql: str, values: Any) -> Any:
    report = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *values)
    return json.loads(report)[0]["Plan"]


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
