"""The search box: one text finds a task by its id, order, entity, package, account, type, state or error."""

from typing import Any

import pytest

from query_api.repository import searching
from shared.envelope import State, TaskHeader
from shared.tasks import TaskType
from tests.integration.query_api.shipping import add_account, add_shipment
from tests.integration.query_api.world import Api, World, ago, ids_of

TRACKING = "1Z999AA10123456784"


@pytest.fixture
async def order(world: World, shop: int) -> TaskHeader:
    return await world.record_task(
        State.FAILED,
        shop_id=shop,
        type=TaskType.SYNC_ORDER,
        order_number="#1042",
        source_id="5523001122334",
        begins_at=ago(minutes=5),
    )


@pytest.fixture
async def contact(world: World, shop: int) -> TaskHeader:
    return await world.record_task(State.SUCCEEDED, shop_id=shop, source_id="77", begins_at=ago(minutes=3))


async def test_a_task_is_found_by_all_that_names_it(api: Api, order: TaskHeader, contact: TaskHeader) -> None:
    for text in (
        str(order.id),
        str(order.id)[:13],
        "1042",
        "#1042",
        " 104",
        "5523001122334",
        "5523001",
        "SyncOrder",
        "syncord",
        "failed",
        "error",
        "does not answer",
        "answer CRM",
        "CRM does not ans",
    ):
        assert await api.ids(q=text) == ids_of([order]), text
    assert await api.ids(q="succeeded") == ids_of([contact])
    assert await api.ids(q="7") == ids_of([contact])
    for text in ("1043", "042", "does answer nobody", "%", "_", "'", "a:b & !c", "\\", "fa"):
        assert await api.ids(q=text) == [], text


async def test_a_text_is_looked_for_among_what_the_filters_leave(
    api: Api, order: TaskHeader, contact: TaskHeader
) -> None:
    assert await api.ids(q="1042", state="failed", sort="duration") == ids_of([order])
    assert await api.ids(q="1042", state="succeeded") == []
    assert await api.ids(q="1042", type="SyncContact") == []
    counted = await api.get("/tasks/count", q="1042")
    assert (counted["count"], counted["is_exact"]) == (1, True)


async def test_an_account_is_found_by_kind_and_name(world: World, shop: int, api: Api) -> None:
    account = await add_account(world.pool, shop, "amazon", "Nordic Outdoor")
    task = await world.record_task(State.SUCCEEDED, shop_id=shop, account_id=account)
    await world.record_task(State.SUCCEEDED, shop_id=shop)
    for text in ("amazon", "nordic out", "amazon Nordic Outdoor", "Nordic"):
        assert await api.ids(q=text) == ids_of([task]), text
    assert await api.ids(q="outdoor") == []


async def test_a_tracking_number_leads_to_what_brought_and_told_of_the_package(
    world: World, shop: int, api: Api
) -> None:
    account = await add_account(world.pool, shop)
    brought = await world.record_task(State.SUCCEEDED, shop_id=shop, type=TaskType.SHIPMENT_RECEIVED)
    told = await world.record_task(
        State.SUCCEEDED, shop_id=shop, type=TaskType.WRITEBACK_SHIPMENT, parent_id=brought.id
    )
    parcel = await world.record_task(
        State.SUCCEEDED, shop_id=shop, type=TaskType.FULFILLMENT_WEBHOOK, source_id="f-1"
    )
    bought = await world.record_task(
        State.SUCCEEDED, shop_id=shop, type=TaskType.PUBLISH_ORDER, source_id="o-1"
    )
    await world.record_task(State.SUCCEEDED, shop_id=shop)
    await add_shipment(world.pool, account, 1, tracking_numbers=["OTHER", TRACKING], task_id=told.id)
    await world.pool.execute(
        "INSERT INTO store.fulfilments (shop_id, source_id, order_id, updated_at, content_hash, data) "
        "VALUES ($1, 'f-1', 'o-2', now(), '', $2)",
        shop,
        {"tracking_number": TRACKING},
    )
    await world.pool.execute(
        "INSERT INTO store.supplier_orders (account_id, order_id, shop_id, supplier_reference, status, "
        "tracking_numbers) VALUES ($1, 'o-1', $2, 'R', 'shipped', $3)",
        account,
        shop,
        [TRACKING],
    )
    assert set(await api.ids(q=TRACKING)) == set(ids_of([brought, told, parcel, bought]))
    assert set(await api.ids(q=TRACKING[:8])) == set(ids_of([parcel, bought]))
    assert set(await api.ids(q="OTH")) == set(ids_of([brought, told]))


async def test_nothing_of_other_shops_is_found(world: World, order: TaskHeader) -> None:
    other = await world.add_shop("other")
    await add_account(world.pool, other, "amazon", "Nordic")
    async with world.reader(shop_ids=[other]) as foreign:
        for text in (str(order.id), str(order.id)[:13], "1042", "5523001122334", "failed", "answer"):
            assert await foreign.ids(q=text) == [], text


async def test_what_was_not_there_at_a_moment_is_not_found_then(api: Api, order: TaskHeader) -> None:
    queued = (order.queued_at).isoformat()
    assert await api.ids(q="1042", as_of=queued) == ids_of([order])
    for text in ("failed", "does not answer"):
        assert await api.ids(q=text, as_of=queued) == [], text
    assert await api.ids(q="pending", as_of=queued) == ids_of([order])


async def test_when_too_many_names_begin_so_what_is_named_exactly_so_is_shown(
    world: World, shop: int, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "FEW", 3)
    tasks: dict[str, Any] = {
        number: await world.record_task(State.SUCCEEDED, shop_id=shop, order_number=number)
        for number in ("#10", "#100", "#101", "#102", "#11")
    }
    assert await api.ids(q="10") == ids_of([tasks["#10"]])
    listed = [tasks[number] for number in ("#11", "#102", "#101", "#100", "#10")]
    assert await api.walk(q="1", limit=2) == ids_of(listed)


async def test_frequent_words_are_looked_for_task_by_task(
    world: World, shop: int, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "FEW", 2)
    tasks = [await world.record_task(State.FAILED, shop_id=shop) for _ in range(4)]
    await world.record_task(State.SUCCEEDED, shop_id=shop)
    assert await api.walk(q="CRM answer", limit=3) == ids_of(tasks[::-1])
    assert await api.walk(q="CRM answer", limit=3, sort="duration") == ids_of(tasks)


@pytest.mark.parametrize("text", ["", "   ", "x" * 201, "\0"])
async def test_what_can_not_be_looked_for_is_refused_by_name(api: Api, text: str) -> None:
    problem = await api.problem("/tasks", q=text)
    assert (problem["status"], problem["errors"][0]["field"]) == (400, "q")
