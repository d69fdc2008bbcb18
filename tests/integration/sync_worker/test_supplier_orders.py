"""Orders at suppliers: statuses, tracking numbers and delivery dates come back, and bad ones are named."""

from datetime import date
from typing import Any

import pytest

from shared.errors import Misconfigured, RateLimited, Retryable, Unavailable
from shared.handling import Outcome
from shared.tasks import TaskType
from tests.integration.sync_worker.supplying import Supplying, example, supplied_order, supplying
from tests.integration.sync_worker.world import World
from tests.unit.sync_worker.bodies import ORDER_ID

NAMES = ["gate4cards", "trinavo"]
LIST = {"gate4cards": "GET /gate4cards/api/v1/orders", "trinavo": "GET /trinavo/shop/purchase-orders/*"}
SKU = {"gate4cards": "G4C-000001", "trinavo": "TRI-000001"}


async def with_orders(world: World, name: str, count: int = 3) -> Supplying:
    """A supplier that has so many orders of ours."""
    supplier = await supplying(world, name)
    await supplier.run(TaskType.UPDATE_PRODUCTS)
    for place in range(count):
        order_id = ORDER_ID + place
        await world.deliver("orders/paid", supplied_order(SKU[name], id=order_id, name=f"#{1042 + place}"))
        done = await supplier.publish(order_id)
        assert done.outcome is not None, done.error
    return supplier


async def fetched(supplier: Supplying, **task: Any) -> Outcome:
    """Fetch All Orders."""
    done = await supplier.run(TaskType.UPDATE_ORDERS, **task)
    assert done.outcome is not None, done.error
    return done.outcome


def counts(outcome: Outcome) -> dict[str, Any]:
    return {name: value for name, value in (outcome.summary or {}).items() if value}


@pytest.mark.parametrize("name", NAMES)
async def test_statuses_tracking_numbers_and_delivery_dates_come_back(world: World, name: str) -> None:
    supplier = await with_orders(world, name)
    await supplier.move("shipped", tracking_number="SUP42")
    outcome = await fetched(supplier)
    assert (outcome.items_processed, outcome.items_failed, counts(outcome)) == (3, 0, {"updated": 3})
    for order in await supplier.placed():
        assert (order["status"], order["tracking_numbers"]) == ("shipped", ["SUP42"])
        assert order["tracking_url"].startswith("https://tracking.example/")
        assert order["delivery_date"] > date(2026, 1, 1)


@pytest.mark.parametrize("name", NAMES)
async def test_nothing_new_is_no_update(world: World, name: str) -> None:
    supplier = await with_orders(world, name)
    await fetched(supplier)
    assert counts(await fetched(supplier)) == {"unchanged": 3}


@pytest.mark.parametrize("name", NAMES)
async def test_an_order_the_supplier_does_not_know_any_more_is_named(world: World, name: str) -> None:
    supplier = await with_orders(world, name)
    await world.control.delete(f"/supplier/{name}/orders")
    outcome = await fetched(supplier)
    assert (outcome.items_processed, outcome.items_failed) == (3, 3)
    assert outcome.summary is not None
    assert {failure["reason"] for failure in outcome.summary["failures"]} == {
        "Order not found: the supplier does not know it any more"
    }
    assert {failure["id"] for failure in outcome.summary["failures"]} == {
        order["supplier_reference"] for order in await supplier.placed()
    }


@pytest.mark.parametrize("name", NAMES)
async def test_a_status_nobody_has_mapped_is_a_failed_item_that_says_what_to_do(
    world: World, name: str
) -> None:
    supplier = await with_orders(world, name)
    settings = example(name)
    settings["format"]["statuses"] = {"SHIPPED": "shipped", "sent": "shipped"}
    await supplier.settle(**settings)
    outcome = await fetched(supplier)
    assert (outcome.items_processed, outcome.items_failed) == (3, 3)
    assert outcome.summary is not None
    assert (
        "is not in the account's 'format.statuses': add it there" in outcome.summary["failures"][0]["reason"]
    )


async def test_orders_of_others_are_passed_over(world: World) -> None:
    supplier = await with_orders(world, "gate4cards")
    await world.pool.execute("DELETE FROM store.supplier_orders WHERE order_number <> '#1042'")
    outcome = await fetched(supplier)
    assert (outcome.items_processed, counts(outcome)["skipped"]) == (1, 2)


async def test_the_first_run_of_a_day_asks_for_all_and_the_next_ones_for_changes(world: World) -> None:
    supplier = await with_orders(world, "gate4cards")
    await fetched(supplier)
    done = await supplier.run(TaskType.UPDATE_ORDERS)
    assert done.outcome is not None
    assert "updatedSince=" in done.calls[0].url
    assert done.note is not None
    assert done.note.startswith("Only what changed since ")
    await world.pool.execute("UPDATE store.runs SET started_at = started_at - interval '1 day'")
    whole = await supplier.run(TaskType.UPDATE_ORDERS)
    assert "updatedSince" not in whole.calls[0].url


async def test_orders_that_are_over_are_not_asked_for(world: World) -> None:
    supplier = await with_orders(world, "trinavo")
    await supplier.move("delivered")
    assert counts(await fetched(supplier)) == {"updated": 3}
    done = await supplier.run(TaskType.UPDATE_ORDERS)
    assert (done.note, done.calls) == ("No order is under way at the supplier", [])


async def test_more_orders_than_one_page_are_all_checked(world: World) -> None:
    supplier = await with_orders(world, "trinavo", count=12)
    await supplier.move("processing")
    outcome = await fetched(supplier)
    assert (outcome.items_processed, outcome.items_total, counts(outcome)) == (12, 12, {"updated": 12})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("unauthorised", Misconfigured),
        ("rate_limited", RateLimited),
        ("unavailable", Unavailable),
        ("slow", Unavailable),
        ("malformed", Retryable),
    ],
)
async def test_each_trouble_is_told_as_what_it_is(
    world: World, name: str, fault: str, error: type[Exception]
) -> None:
    supplier = await with_orders(world, name, count=1)
    await supplier.fault(LIST[name], fault)
    done = await supplier.run(TaskType.UPDATE_ORDERS)
    assert isinstance(done.error, error)


@pytest.mark.parametrize("name", NAMES)
async def test_an_order_can_be_cancelled_until_it_is_sent(world: World, name: str) -> None:
    supplier = await with_orders(world, name, count=1)
    (ours,) = await supplier.placed()
    task = (await supplier.publish(ORDER_ID)).task
    opened = await world.systems.suppliers.open(world.pool, task)
    await opened.supplier.cancel(ours["supplier_reference"])
    assert [order["stage"] for order in await supplier.orders()] == ["cancelled"]
    await supplier.move("shipped")
    with pytest.raises(Exception, match="has been sent"):
        await opened.supplier.cancel(ours["supplier_reference"])
