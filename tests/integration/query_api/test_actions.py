"""What people start for suppliers becomes tasks; runs show how far they have come."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from query_api.auth import Role
from query_api.repository import suppliers
from query_api.routes import checking
from query_api.settings import QueryApiSettings
from shared.db.queries import load_queries
from shared.envelope import State, Transition
from shared.identity import new_task_id
from shared.tasks import Lane, TaskType
from tests.integration.query_api.supplying import add_order, add_product, example, new_account
from tests.integration.query_api.world import Api, World, serving
from tests.integration.recorder.histories import life
from tests.waiting import eventually
from tests.workers import World as Broker
from tests.workers import open_world

ACTIONS = "/api/v1/actions"
UNWANTED: tuple[dict[str, Any], ...] = (
    {"financial_status": "pending"},
    {"cancelled_at": "2026-11-20T10:00:00Z"},
    {"fulfillment_status": "fulfilled"},
    {"test": True},
)


@pytest.fixture
async def published_tasks(database_url: str, rabbitmq_url: str) -> AsyncIterator[Broker]:
    async with open_world(database_url, rabbitmq_url) as broker:
        yield broker


@pytest.fixture
async def world(
    settings: QueryApiSettings, rabbitmq_url: str, published_tasks: Broker
) -> AsyncIterator[World]:
    """The API with a broker."""
    async with serving(settings, rabbitmq_url=SecretStr(rabbitmq_url)) as world:
        yield world


async def connected(api: Api, **changes: Any) -> int:
    answer = await api.client.post("/api/v1/accounts", json=new_account(**changes))
    assert answer.status_code == 201, answer.text
    return int(answer.json()["account"]["id"])


async def acted(api: Api, action: str, **wanted: Any) -> dict[str, Any]:
    answer = await api.client.post(f"{ACTIONS}/{action}", json=wanted)
    assert answer.status_code == 202, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def refused(api: Api, action: str, **wanted: Any) -> httpx.Response:
    return await api.client.post(f"{ACTIONS}/{action}", json=wanted)


async def published(broker: Broker, body: dict[str, Any]) -> list[Transition]:
    """The tasks of an answer as they went out."""
    wanted = {UUID(task["id"]) for task in body["tasks"]}
    await eventually(lambda: wanted <= {item.task.id for item in broker.published})
    return [item for item in broker.published if item.task.id in wanted]


@pytest.mark.parametrize(
    ("action", "task_type"),
    [("fetch-all-orders", TaskType.UPDATE_ORDERS), ("fetch-all-products", TaskType.UPDATE_PRODUCTS)],
)
async def test_fetching_starts_one_task_for_each_supplier(
    published_tasks: Broker, shop: int, api: Api, action: str, task_type: TaskType
) -> None:
    first = await connected(api)
    second = await connected(api, name="Second", settings=example(retry_policy="patient"))
    body = await acted(api, action)
    assert body["count"] == 2
    started = {item.task.account_id: item for item in await published(published_tasks, body)}
    assert started.keys() == {first, second}
    assert {item.task.type for item in started.values()} == {task_type}
    assert started[first].detail.actor == "test"
    assert started[second].task.retry_policy == "patient"
    only = await acted(api, action, account_id=str(second))
    assert [task["account"] for task in only["tasks"]] == ["Second"]


async def test_every_order_the_supplier_has_not_got_is_published(
    world: World, published_tasks: Broker, shop: int, api: Api
) -> None:
    account_id = await connected(api)
    await add_product(world.pool, account_id, "G4C-1")
    await add_order(world.pool, shop, 1, "G4C-1")
    await add_order(world.pool, shop, 2, "MUG-1", "G4C-1", fulfillment_status="partial")
    for number, changes in enumerate(UNWANTED, start=3):
        await add_order(world.pool, shop, number, "G4C-1", **changes)
    await add_order(world.pool, shop, 8, "MUG-1")
    await add_order(world.pool, shop, 9, "G4C-1")
    await world.pool.execute(
        "INSERT INTO store.supplier_orders (account_id, order_id, shop_id, supplier_reference, status) "
        "VALUES ($1, '9', $2, 'R9', 'placed')",
        account_id,
        shop,
    )
    body = await acted(api, "publish-all-orders", account_id=str(account_id))
    assert [task["order_number"] for task in body["tasks"]] == ["#1", "#2"]
    started = await published(published_tasks, body)
    assert {item.task.source_id for item in started} == {"1", "2"}
    assert {item.task.runs_on for item in started} == {Lane.SYNC_BULK}


async def test_more_orders_than_a_page_are_all_published(
    world: World, published_tasks: Broker, shop: int, api: Api
) -> None:
    account_id = await connected(api)
    await add_product(world.pool, account_id, "G4C-1")
    await world.pool.execute(
        "INSERT INTO store.orders (shop_id, source_id, data) SELECT $1, n::text, "
        '\'{"financial_status": "paid", "line_items": [{"sku": "G4C-1"}]}\' FROM generate_series(1, 1200) n',
        shop,
    )
    body = await acted(api, "publish-all-orders")
    assert (body["count"], len(body["tasks"])) == (1200, 1000)
    await eventually(lambda: len({item.task.source_id for item in published_tasks.published}) == 1200)


async def test_open_orders_are_found_without_a_look_at_all_orders(world: World, shop: int, api: Api) -> None:
    account_id = await connected(api)
    await add_product(world.pool, account_id, "G4C-1")
    await world.pool.execute(
        "INSERT INTO store.orders (shop_id, source_id, data) SELECT $1, n::text, jsonb_build_object("
        "'financial_status', 'paid', 'fulfillment_status', 'fulfilled', 'line_items', '[]'::jsonb) "
        "FROM generate_series(1, 5000) n",
        shop,
    )
    await add_order(world.pool, shop, 9_000, "G4C-1")
    await world.pool.execute("ANALYZE store.orders, store.products")
    statement = load_queries(suppliers.__file__, "suppliers").unpublished_orders.sql
    plan = await world.pool.fetch(f"EXPLAIN {statement}", shop, "", account_id, 100)
    assert any("orders_open" in row[0] for row in plan), plan


async def test_nobody_to_act_for_is_said(world: World, shop: int, api: Api) -> None:
    none = await refused(api, "fetch-all-orders")
    assert (none.status_code, "There is no supplier yet" in none.json()["detail"]) == (409, True)
    account_id = await connected(api)
    await api.client.patch(f"/api/v1/accounts/{account_id}", json={"is_active": False})
    off = await refused(api, "fetch-all-orders", account_id=str(account_id))
    assert (off.status_code, "is switched off" in off.json()["detail"]) == (409, True)
    assert (await refused(api, "fetch-all-orders", account_id="999")).status_code == 404
    async with world.reader(Role.VIEWER) as viewer:
        assert (await refused(viewer, "fetch-all-products")).status_code == 403


async def test_other_shops_suppliers_are_not_touched(world: World, shop: int, api: Api) -> None:
    mine = await connected(api)
    other = await world.add_shop("two")
    theirs = await connected(api, shop="two.example")
    async with world.reader(Role.OPERATOR, shop_ids=[other]) as scoped:
        body = await acted(scoped, "fetch-all-products")
        assert [task["account_id"] for task in body["tasks"]] == [str(theirs)]
        assert (await refused(scoped, "fetch-all-products", account_id=str(mine))).status_code == 404
    only = await acted(api, "fetch-all-products", shop="one.example")
    assert [task["account_id"] for task in only["tasks"]] == [str(mine)]


async def test_a_trial_waits_for_its_answer(
    world: World, published_tasks: Broker, shop: int, api: Api
) -> None:
    account_id = await connected(api)
    asking = asyncio.create_task(api.client.post(f"/api/v1/accounts/{account_id}/test"))
    await eventually(lambda: any(_is_check(item) for item in published_tasks.published))
    (started,) = [item for item in published_tasks.published if _is_check(item)]
    assert (started.task.account_id, started.detail.actor) == (account_id, "test")
    await world.record(life(started.task, [State.FAILED]))
    answer = (await asking).json()
    assert (answer["state"], answer["task_id"]) == ("failed", str(started.task.id))
    assert answer["message"]


async def test_a_look_at_a_connection_is_a_trial_in_the_service_that_has_its_clients(
    world: World, published_tasks: Broker, shop: int, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "PATIENCE_S", 0.1)
    account_id = await connected(api)
    await world.pool.execute("UPDATE store.accounts SET kind = 'ebay'")
    answer = await api.client.post(f"/api/v1/connections/{account_id}/update")
    assert (answer.status_code, answer.json()["state"]) == (200, "pending")
    assert answer.json()["connection"]["account_id"] == str(account_id)
    await eventually(lambda: any(_is_check(item) for item in published_tasks.published))
    (started,) = [item for item in published_tasks.published if _is_check(item)]
    assert (started.task.runs_on, str(started.task.id)) == (Lane.WRITEBACK, answer.json()["task_id"])


async def test_a_trial_that_takes_long_is_left_to_itself(
    world: World, shop: int, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "PATIENCE_S", 0.1)
    account_id = await connected(api)
    answer = await api.client.post(f"/api/v1/accounts/{account_id}/test")
    assert (answer.status_code, answer.json()["state"]) == (200, "pending")
    assert (await api.client.post("/api/v1/accounts/999/test")).status_code == 404
    async with world.reader(Role.VIEWER) as viewer:
        assert (await viewer.client.post(f"/api/v1/accounts/{account_id}/test")).status_code == 403


def _is_check(transition: Transition) -> bool:
    return transition.task.type is TaskType.CHECK_ACCOUNT


async def test_a_run_shows_its_pace_while_it_goes_on(world: World, shop: int, api: Api) -> None:
    account_id = await connected(api)
    ids = [new_task_id() for _ in range(3)]
    for run_id, finished, problem in zip(ids, (None, 5, 5), (None, None, "broke"), strict=True):
        await world.pool.execute(
            "INSERT INTO store.runs (id, account_id, shop_id, type, processed, failed, total, summary, "
            "started_at, finished_at, problem) VALUES ($1, $2, $3, 'UpdateProducts', 400, 1, 1000, $4, "
            "now() - interval '20 seconds', now() - $5::interval, $6)",
            run_id,
            account_id,
            shop,
            {"counts": {"updated": 399, "failed": 1}, "failures": [{"id": "X", "reason": "no price"}]},
            None if finished is None else timedelta(seconds=finished),
            problem,
        )
    listed = (await api.get("/runs"))["runs"]
    assert [run["state"] for run in listed] == ["broken_off", "finished", "under_way"]
    going = listed[-1]
    assert (going["items_processed"], going["items_failed"], going["items_total"]) == (400, 1, 1000)
    assert 15 < going["per_second"] <= 20
    assert 30 <= going["seconds_left"] <= 40
    assert going["summary"] == {
        "updated": 399,
        "failed": 1,
        "failures": [{"id": "X", "reason": "no price"}],
    }
    assert (listed[1]["seconds_left"], listed[0]["problem"]) == (None, "broke")
    assert [run["id"] for run in (await api.get("/runs", under_way=True))["runs"]] == [str(ids[0])]
    page = await api.get("/runs", limit=2)
    rest = await api.get("/runs", limit=2, before=page["next"])
    assert [run["id"] for run in rest["runs"]] == [str(ids[0])]
    assert (await api.get("/runs", type="UpdateOrders"))["runs"] == []
    async with world.reader(shop_ids=[await world.add_shop("two")]) as elsewhere:
        assert (await elsewhere.get("/runs"))["runs"] == []
