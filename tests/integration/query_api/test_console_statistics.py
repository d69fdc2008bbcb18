"""Statistics in the console."""

import json
import re
from html import unescape

from shared.envelope import State
from shared.tasks import TaskType
from tests.integration.query_api.visiting import Visitor, sign_in, text_of, visiting
from tests.integration.query_api.world import World, ago


async def test_what_went_through_is_drawn_and_stands_in_tables(
    world: World, shop: int, visitor: Visitor
) -> None:
    for _ in range(3):
        await world.record_task(
            State.SUCCEEDED, shop_id=shop, type=TaskType.SYNC_ORDER, begins_at=ago(minutes=5)
        )
    await world.record_task(State.FAILED, shop_id=shop, type=TaskType.SYNC_CONTACT, begins_at=ago(minutes=5))
    text = await text_of(visitor, "/statistics")
    assert "Came in 4 Succeeded 3 Failed 1 Success rate 75%" in text
    assert re.search(r"SyncOrder 3 3 0 100%", text)
    page = (await visitor.get("/statistics?range=hour")).text
    charts = [json.loads(unescape(found)) for found in re.findall(r'data-chart="([^"]+)"', page)]
    ended = charts[0]
    assert [column["label"] for column in ended["columns"]] == ["Succeeded", "Failed"]
    assert [sum(row[place] for row in ended["rows"]) for place in (1, 2)] == [3, 1]
    assert len(ended["rows"]) >= 60
    only = await text_of(visitor, "/statistics?group=order+sync")
    assert "Came in 3 Succeeded 3 Failed 0" in only


async def test_a_strange_address_is_the_usual_page(visitor: Visitor) -> None:
    assert "24 hours" in await text_of(visitor, "/statistics?range=x&group=y")


async def test_others_tasks_are_not_counted(world: World, shop: int) -> None:
    await world.record_task(State.SUCCEEDED, shop_id=shop)
    other = await world.add_shop("other")
    async with visiting(world) as stranger:
        await sign_in(stranger, await world.token(shop_ids=[other]))
        assert "Came in 0" in await text_of(stranger, "/statistics")
        await text_of(stranger, "/statistics?shop=one.example", 400)
