"""Parcels: stored when newer, told once per status, and stated in receipts when the shop wants it so."""

from typing import Any

import pytest

from shared.errors import Obsolete, Rejected, Retryable
from shared.identity import new_task_id
from shared.tasks import TaskType
from tests.integration.sync_worker.storefront import Storefront
from tests.integration.sync_worker.telling import receive, tell
from tests.integration.sync_worker.world import STORE_ID, Done, World, once
from tests.unit.sync_worker.bodies import ORDER_ID, order_body
from tests.unit.sync_worker.movements import LINE_ID, PARCEL_ID, parcel_body

ORDERS, RECEIPTS = "POST /api/v2/orders", "POST /api/v3/receipts"
NOTIFICATION = TaskType.SYNC_ORDER_FULFILLMENT_NOTIFICATION
LATER, LATEST = "2026-11-22T08:00:00+01:00", "2026-11-23T08:00:00+01:00"


async def by_parcel(world: World) -> None:
    await world.set_account(settings={"store_external_id": STORE_ID, "receipts_on": "fulfilment"})


async def create(world: World, **changes: Any) -> Done:
    """How the parcel's notification went."""
    return (await tell(world, "fulfillments/create", parcel_body(**changes)))[NOTIFICATION]


async def update(world: World, **changes: Any) -> dict[TaskType, Done]:
    return await tell(world, "fulfillments/update", parcel_body(updated_at=LATER, **changes))


async def parcel_mails(world: World) -> list[tuple[str, str]]:
    mails = [(mail["orderNumber"], mail["orderStatus"]) for mail in await world.mails()]
    return [(number, status) for number, status in mails if "." in number]


async def receipt_ids(world: World) -> list[str]:
    return [receipt["uniqueReceiptId"] for receipt in await world.receipts()]


async def test_a_parcel_is_told_once_with_its_tracking(world: World) -> None:
    await tell(world, "orders/paid", order_body())
    done = await create(world)
    assert done.outcome is not None
    assert (done.outcome.order_number, done.task.order_number) == ("#1042", "#1042")
    assert await parcel_mails(world) == [("1042.1", "Shipped")]
    mail = (await world.mails())[-1]
    assert mail["extraData"]["trackingNumbers"] == "UA123456789SE"
    again = await world.sync(NOTIFICATION, PARCEL_ID)
    assert again.note == f"Nothing was sent: this status was already sent by task {done.task.id}"
    assert again.calls == []


async def test_on_payment_a_parcel_causes_no_receipt_task(world: World) -> None:
    await tell(world, "orders/paid", order_body())
    received = await receive(world, "fulfillments/create", parcel_body())
    assert [follow_up.type for follow_up in received.follow_ups] == [NOTIFICATION]
    assert await receipt_ids(world) == [f"shopify-{ORDER_ID}"]


async def test_the_same_parcel_told_again_does_no_work(world: World) -> None:
    """As our own fulfilments come back: as fulfillments/create and fulfillments/update."""
    await tell(world, "orders/paid", order_body())
    await create(world)
    for topic in ("fulfillments/create", "fulfillments/update"):
        echo = await receive(world, topic, parcel_body())
        assert (echo.note, echo.follow_ups) == ("Nothing that matters has changed", ())
    assert len(await parcel_mails(world)) == 1


async def test_an_older_state_of_a_parcel_changes_nothing(world: World) -> None:
    await tell(world, "orders/paid", order_body())
    await update(world, shipment_status="delivered")
    late = await receive(world, "fulfillments/create", parcel_body())
    assert late.note == "Older than what is stored: left as it is"
    assert await parcel_mails(world) == [("1042.1", "Delivered")]


async def test_a_person_may_have_a_parcel_handed_on_again(world: World) -> None:
    await receive(world, "fulfillments/create", parcel_body())
    again = await receive(world, "fulfillments/create", parcel_body(), retry_of=new_task_id())
    assert [follow_up.type for follow_up in again.follow_ups] == [NOTIFICATION]


async def test_each_status_is_told_once(world: World) -> None:
    await tell(world, "orders/paid", order_body())
    await create(world, status="pending")
    await update(world)
    await update(world, shipment_status="in_transit")
    await update(world, shipment_status="delivered")
    await update(world, shipment_status="delivered", tracking_company="DHL")
    assert await parcel_mails(world) == [("1042.1", "Shipped"), ("1042.1", "Delivered")]


async def test_a_parcel_that_has_not_left_is_not_told(world: World) -> None:
    await tell(world, "orders/paid", order_body())
    done = await create(world, status="pending")
    assert done.note == "Nothing was sent: the parcel has not left the shop (its status is pending)"
    assert done.calls == []


async def test_a_cancelled_parcel_is_told_only_to_those_who_were_told_of_it(world: World) -> None:
    await tell(world, "orders/paid", order_body())
    await create(world)
    await update(world, status="cancelled")
    unheard = await create(world, id=7, name="#1042.2", status="cancelled")
    assert unheard.note == "Nothing was sent: the parcel was cancelled before the CRM was told of it"
    assert await parcel_mails(world) == [("1042.1", "Shipped"), ("1042.1", "Cancelled")]


async def test_a_parcel_waits_for_its_order(world: World) -> None:
    early = await create(world)
    assert isinstance(early.error, Retryable)
    assert early.error.kind == "awaited"
    await tell(world, "orders/paid", order_body())
    assert (await world.sync(NOTIFICATION, PARCEL_ID)).error is None
    assert await parcel_mails(world) == [("1042.1", "Shipped")]


async def test_an_order_that_does_not_come_is_asked_for(world: World, storefront: Storefront) -> None:
    received = await receive(world, "fulfillments/create", parcel_body())
    assert [follow_up.type for follow_up in received.follow_ups] == [NOTIFICATION, TaskType.ORDER_WEBHOOK]
    gone = await world.follow(received.follow_ups[-1])
    assert isinstance(gone.error, Obsolete)
    assert await storefront.requests() != []


async def test_a_parcel_waits_for_the_state_of_its_order_that_has_its_goods(world: World) -> None:
    await tell(world, "orders/paid", order_body())
    early = await create(world, line_items=[{"id": 999, "quantity": 1}])
    assert isinstance(early.error, Retryable)
    assert "newer state" in str(early.error)


async def test_a_parcel_of_a_deleted_order_is_obsolete(world: World) -> None:
    await tell(world, "orders/delete", {"id": ORDER_ID})
    assert isinstance((await create(world)).error, Obsolete)


async def test_without_a_crm_a_parcel_is_only_stored(world: World) -> None:
    await world.set_account(is_active=False)
    received = await receive(world, "fulfillments/create", parcel_body())
    assert "no active CRM account" in (received.note or "")
    assert await world.pool.fetchval("SELECT count(*) FROM store.fulfilments") == 1


@pytest.mark.parametrize(
    ("fault", "mails"), [("reset_before", 0), ("reset_after_effect", 1), ("slow", 1), ("server_error", 0)]
)
async def test_when_no_answer_comes_a_parcel_is_never_told_again(
    world: World, fault: str, mails: int
) -> None:
    await tell(world, "orders/paid", order_body())
    await world.faults(once(ORDERS, fault))
    first = await create(world)
    assert isinstance(first.error, Rejected)
    assert first.error.kind == "unknown_outcome"
    again = await world.sync(NOTIFICATION, PARCEL_ID)
    assert isinstance(again.error, Rejected)
    assert ORDERS not in again.requests
    assert len(await parcel_mails(world)) == mails


async def test_receipts_on_fulfilment_hold_the_goods_of_each_parcel(world: World) -> None:
    await by_parcel(world)
    paid = await tell(world, "orders/paid", order_body())
    assert "nothing of the order has left the shop" in (paid[TaskType.SYNC_ORDER].note or "")
    one = [{"id": LINE_ID, "quantity": 1}]
    first = await tell(world, "fulfillments/create", parcel_body(line_items=one))
    await tell(world, "fulfillments/create", parcel_body(id=7, name="#1042.2", line_items=one))
    assert first[TaskType.SYNC_ORDER].task.order_number == "#1042"
    receipts = {receipt["uniqueReceiptId"]: receipt["receipt"] for receipt in await world.receipts()}
    assert receipts.keys() == {f"shopify-{ORDER_ID}-f-{PARCEL_ID}", f"shopify-{ORDER_ID}-f-7"}
    assert [receipt["totalGrossPrice"] for receipt in receipts.values()] == [225.0, 225.0]
    assert [receipt["items"][0]["taxAmount"] for receipt in receipts.values()] == [45.0, 45.0]


async def test_what_was_shipped_before_it_was_paid_is_stated_once_it_is(world: World) -> None:
    await by_parcel(world)
    await tell(world, "orders/create", order_body(financial_status="pending"))
    shipped = await tell(world, "fulfillments/create", parcel_body())
    assert shipped[TaskType.SYNC_ORDER].note == "No receipt is due: the order is pending"
    await tell(world, "orders/paid", order_body(updated_at=LATER))
    assert await receipt_ids(world) == [f"shopify-{ORDER_ID}-f-{PARCEL_ID}"]


async def test_a_parcels_receipt_that_came_before_its_order_follows_it(world: World) -> None:
    await by_parcel(world)
    await tell(world, "fulfillments/create", parcel_body())
    await tell(world, "orders/paid", order_body())
    assert await receipt_ids(world) == [f"shopify-{ORDER_ID}-f-{PARCEL_ID}"]


async def test_a_parcel_cancelled_after_its_receipt_is_taken_back(world: World) -> None:
    await by_parcel(world)
    await tell(world, "orders/paid", order_body())
    await create(world)
    await update(world, status="cancelled")
    await create(world, id=7, name="#1042.2")
    sent = f"shopify-{ORDER_ID}-f-{PARCEL_ID}"
    assert await receipt_ids(world) == [sent, f"{sent}-cancelled", f"shopify-{ORDER_ID}-f-7"]
    totals = [receipt["receipt"]["totalGrossPrice"] for receipt in await world.receipts()]
    assert totals == [450.0, -450.0, 450.0]


@pytest.mark.parametrize("fault", ["reset_after_effect", "slow", "unavailable", "rate_limited"])
async def test_a_receipt_whose_answer_was_lost_is_repeated_as_it_was(world: World, fault: str) -> None:
    """Although the order has changed meanwhile: the CRM keeps the first it gets."""
    await by_parcel(world)
    await tell(world, "orders/paid", order_body())
    await world.faults(once(RECEIPTS, fault))
    first = await tell(world, "fulfillments/create", parcel_body())
    assert isinstance(first[TaskType.SYNC_ORDER].error, Retryable)
    cheaper = order_body(updated_at=LATER)
    cheaper["line_items"][0]["price"] = "200.00"
    await tell(world, "orders/updated", cheaper)
    (receipt,) = await world.receipts()
    assert receipt["times_different"] == 0
    assert receipt["receipt"]["totalGrossPrice"] == 450.0


async def test_a_receipt_that_was_refused_for_certain_is_settled_anew(world: World) -> None:
    await by_parcel(world)
    await tell(world, "orders/paid", order_body())
    await world.faults(once(RECEIPTS, "unauthorised"))
    first = await tell(world, "fulfillments/create", parcel_body())
    assert isinstance(first[TaskType.SYNC_ORDER].error, Rejected)
    assert await world.pool.fetchval("SELECT count(*) FROM store.receipts") == 0
    assert (await world.sync(TaskType.SYNC_ORDER, ORDER_ID)).error is None
    assert len(await receipt_ids(world)) == 1


async def test_a_receipt_waits_for_the_state_of_its_order_that_has_its_goods(world: World) -> None:
    await by_parcel(world)
    await tell(world, "orders/paid", order_body())
    await tell(world, "fulfillments/create", parcel_body())
    added = parcel_body(id=7, name="#1042.2", line_items=[{"id": 999, "quantity": 1}])
    done = await tell(world, "fulfillments/create", added)
    error = done[TaskType.SYNC_ORDER].error
    assert isinstance(error, Retryable)
    assert error.kind == "awaited"
    assert len(await receipt_ids(world)) == 1


async def test_a_setting_nobody_knows_is_named(world: World) -> None:
    await world.set_account(settings={"store_external_id": STORE_ID, "receipts_on": "delivery"})
    await tell(world, "orders/paid", order_body())
    done = await world.sync(TaskType.SYNC_ORDER, ORDER_ID)
    assert "The setting 'receipts_on'" in str(done.error)
