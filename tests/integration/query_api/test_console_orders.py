"""An order's story in the console."""

from shared.envelope import State
from shared.tasks import TaskType
from tests.integration.query_api.visiting import Visitor, sign_in, text_of, visiting
from tests.integration.query_api.world import World, ago


async def test_an_order_is_found_and_told(world: World, shop: int, visitor: Visitor) -> None:
    for n, task_type in enumerate((TaskType.ORDER_WEBHOOK, TaskType.INDEX_ORDER, TaskType.SYNC_ORDER)):
        state = State.FAILED if task_type is TaskType.SYNC_ORDER else State.SUCCEEDED
        await world.record_task(
            state,
            shop_id=shop,
            type=task_type,
            order_number="#1042",
            source_id="77",
            begins_at=ago(minutes=9 - n),
        )
    assert "#1042 SyncOrder Failed" in await text_of(visitor, "/orders")
    found = await visitor.get("/orders?order=1042")
    assert (found.status_code, found.headers["location"]) == (303, "/orders/1042")
    story = await text_of(visitor, "/orders/1042")
    assert "Order #1042" in story
    assert story.index("The shop told of the order") < story.index("The order was stored")
    assert "CRM Failed" in story


async def test_orders_of_other_shops_are_not_there(world: World, shop: int) -> None:
    await world.record_task(State.SUCCEEDED, shop_id=shop, type=TaskType.INDEX_ORDER, order_number="#1042")
    other = await world.add_shop("other")
    async with visiting(world) as stranger:
        await sign_in(stranger, await world.token(shop_ids=[other]))
        assert "No orders yet" in await text_of(stranger, "/orders")
        assert "no such order" in await text_of(stranger, "/orders/1042", 404)
