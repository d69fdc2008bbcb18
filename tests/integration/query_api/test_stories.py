"""What belongs together: a task's tree and an order's timeline."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from query_api.repository import order_story, task_tree
from shared.envelope import Detail, Payload, State, TaskHeader
from shared.tasks import TaskType
from tests.factories import header
from tests.integration.query_api.shipping import add_account, add_shipment
from tests.integration.query_api.world import Api, World, ago, task_id_at
from tests.integration.recorder.histories import life

ORDER_ID, NUMBER = "5523001122334", "#1042"
DONE = State.SUCCEEDED


async def _task(world: World, shop: int, kind: TaskType, *, minutes_ago: float, **facts: Any) -> TaskHeader:
    end = facts.pop("end", DONE)
    return await world.record_task(end, shop_id=shop, type=kind, begins_at=ago(minutes=minutes_ago), **facts)


async def _family(world: World, shop: int) -> dict[str, TaskHeader]:
    """A webhook, what it led to, a retry of what failed, and a task beside."""
    webhook = await _task(world, shop, TaskType.ORDER_WEBHOOK, minutes_ago=9)
    index = await _task(world, shop, TaskType.INDEX_ORDER, minutes_ago=8, parent_id=webhook.id)
    failed = await _task(
        world, shop, TaskType.SYNC_ORDER, minutes_ago=7, parent_id=index.id, end=State.FAILED
    )
    told = await _task(world, shop, TaskType.SYNC_ORDER_NOTIFICATION, minutes_ago=6, parent_id=index.id)
    retry = await _task(world, shop, TaskType.SYNC_ORDER, minutes_ago=5, retry_of=failed.id)
    await _task(world, shop, TaskType.ORDER_WEBHOOK, minutes_ago=4)
    return {"webhook": webhook, "index": index, "failed": failed, "retry": retry, "told": told}


async def test_a_tree_is_the_same_from_wherever_it_is_asked_for(world: World, shop: int, api: Api) -> None:
    family = await _family(world, shop)
    wanted = [
        (str(family["webhook"].id), 0),
        (str(family["index"].id), 1),
        (str(family["failed"].id), 2),
        (str(family["retry"].id), 3),
        (str(family["told"].id), 2),
    ]
    for asked in family.values():
        tree = await api.get(f"/tasks/{asked.id}/tree")
        assert [(one["task"]["id"], one["depth"]) for one in tree["tasks"]] == wanted
        assert [one["relation"] for one in tree["tasks"]] == [
            None,
            "follow-up",
            "follow-up",
            "retry",
            "follow-up",
        ]
        assert (tree["task_id"], tree["is_cut"]) == (str(asked.id), False)


async def test_a_large_tree_is_cut_around_the_task_that_was_asked_for(
    world: World, shop: int, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_tree, "MOST_TASKS", 3)
    family = await _family(world, shop)
    tree = await api.get(f"/tasks/{family['failed'].id}/tree")
    assert [one["task"]["id"] for one in tree["tasks"]] == [
        str(family[name].id) for name in ("webhook", "index", "failed")
    ]
    assert tree["is_cut"]


async def test_a_tree_of_the_past_has_what_was_there(world: World, shop: int, api: Api) -> None:
    family = await _family(world, shop)
    moment = (family["failed"].queued_at + timedelta(seconds=1)).isoformat()
    tree = await api.get(f"/tasks/{family['webhook'].id}/tree", as_of=moment)
    assert [one["task"]["state"] for one in tree["tasks"]] == ["succeeded", "succeeded", "queued"]


async def _asked_by(world: World, task: TaskHeader, person: str, *, minutes_ago: float) -> None:
    story = life(task, [DONE], begins_at=ago(minutes=minutes_ago))
    queued = replace(story[0], detail=Detail(actor=person))
    await world.record([queued, *story[1:]])


async def _told_order(world: World, shop: int) -> None:
    """An order that went the whole way, and tasks with equal ids that have nothing to do with it."""
    crm = await add_account(world.pool, shop, "engage", "main")
    amazon = await add_account(world.pool, shop, "amazon", "EU")
    about: dict[str, Any] = {"source_id": ORDER_ID, "order_number": NUMBER}
    webhook = header(id=task_id_at(ago(minutes=30)), shop_id=shop, type=TaskType.ORDER_WEBHOOK, **about)
    story = life(webhook, [DONE], begins_at=ago(minutes=30))
    payload = Payload(body=b"{}", topic="orders/paid")
    await world.record([replace(story[0], payload=payload), *story[1:]])
    await _task(world, shop, TaskType.INDEX_ORDER, minutes_ago=29, parent_id=webhook.id, **about)
    await _task(world, shop, TaskType.SYNC_ORDER, minutes_ago=28, account_id=crm, end=State.FAILED, **about)
    await _task(world, shop, TaskType.PUBLISH_ORDER, minutes_ago=27, source_id=ORDER_ID)
    brought = await _task(world, shop, TaskType.SHIPMENT_RECEIVED, minutes_ago=20)
    told = await _task(
        world, shop, TaskType.WRITEBACK_SHIPMENT, minutes_ago=19, parent_id=brought.id, account_id=amazon
    )
    await _task(world, shop, TaskType.FULFILLMENT_WEBHOOK, minutes_ago=10, source_id="f-1")
    again = header(
        id=task_id_at(ago(minutes=5)), shop_id=shop, type=TaskType.SYNC_ORDER, account_id=crm, **about
    )
    await _asked_by(world, again, "Kim", minutes_ago=5)
    await _task(world, shop, TaskType.SYNC_CONTACT, minutes_ago=4, source_id=ORDER_ID)
    await _task(world, shop, TaskType.SYNC_REFUND, minutes_ago=3, source_id="f-1")
    await add_shipment(
        world.pool,
        amazon,
        order_id=ORDER_ID,
        state="synced",
        synced_at=ago(minutes=15),
        task_id=told.id,
        told_version=1,
    )
    await world.pool.execute(
        "INSERT INTO store.orders (shop_id, source_id, order_number) VALUES ($1, $2, $3)",
        shop,
        ORDER_ID,
        NUMBER,
    )
    await world.pool.execute(
        "INSERT INTO store.fulfilments (shop_id, source_id, order_id, updated_at, content_hash, data) "
        "VALUES ($1, 'f-1', $2, now(), '', '{}')",
        shop,
        ORDER_ID,
    )
    await world.pool.execute(
        "INSERT INTO store.supplier_orders (account_id, order_id, shop_id, supplier_reference, status, "
        "tracking_numbers, placed_at, updated_at, shop_told_at) VALUES ($1, $2, $3, 'R-7', 'shipped', "
        "'{UA9}', $4, $5, $6)",
        amazon,
        ORDER_ID,
        shop,
        ago(minutes=27),
        ago(minutes=25),
        ago(minutes=26),
    )


async def test_an_orders_story_is_told_from_its_webhook_to_its_confirmation(
    world: World, shop: int, api: Api
) -> None:
    await _told_order(world, shop)
    story = await api.get(f"/orders/{ORDER_ID}/timeline")
    assert [(step["stage"], step["what"], step["by"]) for step in story["steps"]] == [
        ("webhook", "The shop told of the order (orders/paid)", "test"),
        ("index", "The order was stored", "test"),
        ("CRM", "Sending the receipt to engage main failed: The CRM does not answer", "test"),
        ("supplier", "The supplier took the order", "test"),
        ("confirmation", "The shop's order is marked with amazon EU and R-7", "amazon EU"),
        ("supplier", "Amazon EU says of R-7: shipped UA9", "amazon EU"),
        ("webhook", "Shipping software reported packages", "test"),
        ("write-back", "Amazon EU was told of a package", "test"),
        ("confirmation", "Amazon EU knows of package 1: PostNord UA000000001SE", "amazon EU"),
        ("webhook", "The shop told of a parcel", "test"),
        ("CRM", "Engage main has the receipt", "Kim"),
    ]
    assert {stage["stage"]: stage["state"] for stage in story["stages"]} == dict.fromkeys(
        ("webhook", "index", "CRM", "supplier", "write-back", "confirmation"), "succeeded"
    )
    assert (story["shop"], story["order_number"], story["order_ids"]) == ("one.example", NUMBER, [ORDER_ID])
    assert [event["by"] for event in story["steps"][-1]["transitions"]] == ["Kim", "test", "test"]
    for called in ("1042", "%231042"):
        assert (await api.get(f"/orders/{called}/timeline"))["steps"] == story["steps"]


@pytest.mark.parametrize("sort", ["-created", "type"])
async def test_an_orders_id_lists_what_its_story_is_made_of(
    world: World, shop: int, api: Api, sort: str
) -> None:
    await _told_order(world, shop)
    story = await api.get(f"/orders/{ORDER_ID}/timeline")
    listed = await api.get("/tasks", order_id=ORDER_ID, sort=sort)
    told = {step["task"] and step["task"]["id"] for step in story["steps"]} - {None}
    assert {task["id"] for task in listed["tasks"]} == told
    assert (await api.get("/tasks/count", order_id=ORDER_ID))["count"] == len(told)
    failed = await api.get("/tasks", order_id=ORDER_ID, state="failed", sort=sort)
    assert [task["type"] for task in failed["tasks"]] == [TaskType.SYNC_ORDER]


async def test_an_orders_id_lists_its_tasks_although_it_was_never_stored(
    world: World, shop: int, api: Api
) -> None:
    task = await _task(world, shop, TaskType.ORDER_WEBHOOK, minutes_ago=9, source_id=ORDER_ID)
    await _task(world, shop, TaskType.SYNC_CONTACT, minutes_ago=8, source_id=ORDER_ID)
    listed = await api.get("/tasks", order_id=ORDER_ID)
    assert [one["id"] for one in listed["tasks"]] == [str(task.id)]


async def test_a_story_of_the_past_ends_there(world: World, shop: int, api: Api) -> None:
    await _told_order(world, shop)
    story = await api.get(f"/orders/{ORDER_ID}/timeline", as_of=ago(minutes=26.5).isoformat())
    assert [step["stage"] for step in story["steps"]] == ["webhook", "index", "CRM", "supplier"]


async def test_of_very_many_tasks_the_newest_are_told(
    world: World, shop: int, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_story, "MOST_TASKS", 3)
    await _told_order(world, shop)
    story = await api.get(f"/orders/{ORDER_ID}/timeline")
    assert story["has_more"]
    assert 1 < len([step for step in story["steps"] if step["task"]]) <= 3
    assert story["steps"][-1]["by"] == "Kim"


async def test_an_order_that_was_never_stored_is_known_from_its_tasks(
    world: World, shop: int, api: Api
) -> None:
    task = await _task(
        world,
        shop,
        TaskType.ORDER_WEBHOOK,
        minutes_ago=3,
        source_id="77",
        order_number="#9",
        end=State.FAILED,
    )
    for called in ("9", "77"):
        story = await api.get(f"/orders/{called}/timeline")
        assert [step["task"]["id"] for step in story["steps"]] == [str(task.id)]
    assert (await api.problem("/orders/78/timeline"))["status"] == 404


async def test_an_order_of_several_shops_has_to_be_told_apart(world: World, shop: int, api: Api) -> None:
    other = await world.add_shop("other")
    for shop_id in (shop, other):
        await _task(world, shop_id, TaskType.ORDER_WEBHOOK, minutes_ago=3, order_number=NUMBER)
    problem = await api.problem("/orders/1042/timeline")
    assert (problem["status"], problem["errors"][0]["field"]) == (400, "shop")
    assert "one.example, other.example" in problem["detail"]
    assert len((await api.get("/orders/1042/timeline", shop="other.example"))["steps"]) == 1
    async with world.reader(shop_ids=[other]) as foreign:
        assert (await foreign.get("/orders/1042/timeline"))["shop"] == "other.example"


async def test_each_transition_says_who_did_it(world: World, shop: int, api: Api) -> None:
    task = header(shop_id=shop)
    await _asked_by(world, task, "Kim", minutes_ago=1)
    events = (await api.get(f"/tasks/{task.id}/events"))["events"]
    assert [event["by"] for event in events] == ["Kim", "test", "test"]


async def test_an_order_nothing_was_done_about_yet_has_an_empty_story(
    world: World, shop: int, api: Api
) -> None:
    await world.pool.execute(
        "INSERT INTO store.orders (shop_id, source_id, order_number) VALUES ($1, '7', '#7')", shop
    )
    story = await api.get("/orders/7/timeline")
    assert (story["shop"], story["steps"]) == ("one.example", [])
    assert {stage["state"] for stage in story["stages"]} == {None}
    await _task(world, 0, TaskType.ORDER_WEBHOOK, minutes_ago=1, order_number="#8")
    assert (await api.get("/orders/8/timeline"))["shop"] == "0"
