"""Refunds: a return in the CRM for what came back, the customer told once, whatever came first."""

import asyncio
import random
from collections import Counter
from typing import Any

import pytest

from shared.errors import Obsolete, Rejected, Retryable
from shared.identity import new_task_id
from shared.tasks import TaskType
from tests.integration.sync_worker.storefront import Storefront
from tests.integration.sync_worker.telling import Postbox, receive, tell
from tests.integration.sync_worker.world import STORE_ID, World, once
from tests.unit.sync_worker.bodies import ORDER_ID, line_body, order_body
from tests.unit.sync_worker.movements import (
    LINE_ID,
    PARCEL_ID,
    REFUND_ID,
    parcel_body,
    refund_body,
    refund_line,
    transaction,
)

ORDERS, RECEIPTS = "POST /api/v2/orders", "POST /api/v3/receipts"
RETURN, MAIL = TaskType.SYNC_REFUND, TaskType.SYNC_REFUND_NOTIFICATION
RETURN_ID = f"shopify-{ORDER_ID}-r-{REFUND_ID}"
LATER = "2026-11-26T08:00:00+01:00"


async def totals(world: World) -> dict[str, float]:
    return {
        receipt["uniqueReceiptId"]: receipt["receipt"]["totalGrossPrice"]
        for receipt in await world.receipts()
    }


async def refund_mails(world: World) -> list[tuple[str, float]]:
    words = ("PartiallyRefunded", "Refunded")
    mails = await world.mails()
    return [(m["orderStatus"], m["totalGrossPrice"]) for m in mails if m["orderStatus"] in words]


async def test_a_refund_becomes_a_return_and_one_mail(world: World) -> None:
    await tell(world, "orders/paid", order_body())
    done = await tell(world, "refunds/create", refund_body())
    assert {kind: (one.error, one.note) for kind, one in done.items()} == dict.fromkeys(
        (TaskType.REFUND_WEBHOOK, TaskType.INDEX_REFUND, RETURN, MAIL), (None, None)
    )
    assert {one.outcome.order_number for one in done.values() if one.outcome} == {"#1042"}
    assert await totals(world) == {f"shopify-{ORDER_ID}": 450.0, RETURN_ID: -225.0}
    returned = (await world.receipts())[-1]["receipt"]
    assert returned["paymentMethods"] == [{"type": "KLARNA", "description": "klarna", "value": -225.0}]
    assert await refund_mails(world) == [("PartiallyRefunded", -225.0)]


async def test_the_same_refund_told_again_does_no_work(world: World) -> None:
    await tell(world, "orders/paid", order_body())
    first = await tell(world, "refunds/create", refund_body())
    again = await tell(world, "refunds/create", refund_body())
    assert again[TaskType.INDEX_REFUND].note == "Nothing that matters has changed"
    assert again.keys() == {TaskType.REFUND_WEBHOOK, TaskType.INDEX_REFUND}
    for kind, what in ((RETURN, "receipt"), (MAIL, "refund")):
        done = await world.sync(kind, REFUND_ID)
        assert done.note == f"Nothing was sent: this {what} was already sent by task {first[kind].task.id}"
        assert done.calls == []


async def test_a_persons_retry_sends_the_return_again_but_no_mail(world: World) -> None:
    await tell(world, "orders/paid", order_body())
    await tell(world, "refunds/create", refund_body())
    for kind in (RETURN, MAIL):
        assert (await world.sync(kind, REFUND_ID, retry_of=new_task_id())).error is None
    receipt = (await world.receipts())[-1]
    assert (receipt["times_received"], receipt["times_different"]) == (2, 0)
    assert len(await refund_mails(world)) == 1


async def test_a_refund_waits_for_its_order(world: World) -> None:
    early = await tell(world, "refunds/create", refund_body())
    error = early[TaskType.INDEX_REFUND].error
    assert isinstance(error, Retryable)
    assert error.kind == "awaited"
    assert early[TaskType.REFUND_WEBHOOK].outcome.order_number is None  # type: ignore[union-attr]
    await tell(world, "orders/paid", order_body())
    await tell(world, "refunds/create", refund_body())
    assert await totals(world) == {f"shopify-{ORDER_ID}": 450.0, RETURN_ID: -225.0}


async def test_an_order_that_does_not_come_is_asked_for(world: World, storefront: Storefront) -> None:
    order = await storefront.buy()
    (line,) = order["line_items"]
    body = refund_body(
        order_id=order["id"],
        refund_line_items=[refund_line(line_item_id=line["id"], subtotal=line["price"], total_tax=0)],
        transactions=[transaction(line["price"])],
    )
    received = await receive(world, "refunds/create", body)
    index, asking = received.follow_ups
    assert isinstance((await world.follow(index)).error, Retryable)
    assert (asking.type, asking.delay_ms, asking.account_id) == (
        TaskType.ORDER_WEBHOOK,
        15_000,
        storefront.account_id,
    )
    (fetched,) = (await world.follow(asking)).follow_ups
    await world.follow(fetched)
    assert (await world.follow(index)).error is None
    again = await world.follow(asking)
    assert again.note == "Not asked for: the order has come from the shop by itself"


async def test_a_refund_of_an_order_nobody_paid_has_no_return(world: World) -> None:
    await tell(world, "orders/create", order_body(financial_status="pending"))
    done = await tell(world, "refunds/create", refund_body(transactions=[]))
    assert done[RETURN].note == "No return is due: goods came back without money"
    assert done[MAIL].note == "Nothing was sent: no money went back"
    assert await totals(world) == {}


async def test_a_return_follows_by_itself_once_the_purchase_is_known(world: World) -> None:
    await tell(world, "orders/create", order_body(financial_status="pending"))
    early = await tell(world, "refunds/create", refund_body())
    assert "has not been sent. Once it is, the return follows" in (early[RETURN].note or "")
    assert early[RETURN].calls == []
    paid = await tell(world, "orders/paid", order_body(updated_at=LATER))
    assert paid[RETURN].error is None
    assert await totals(world) == {f"shopify-{ORDER_ID}": 450.0, RETURN_ID: -225.0}


async def test_a_return_follows_also_when_the_purchase_needed_a_second_attempt(world: World) -> None:
    await world.faults(once(RECEIPTS, "reset_after_effect"))
    failed = await tell(world, "orders/paid", order_body())
    await tell(world, "refunds/create", refund_body())
    assert RETURN_ID not in await totals(world)
    again = await world.sync(TaskType.SYNC_ORDER, ORDER_ID, id=failed[TaskType.SYNC_ORDER].task.id)
    (follow_up,) = again.follow_ups
    assert (follow_up.type, follow_up.source_id, follow_up.order_number) == (RETURN, str(REFUND_ID), "#1042")
    await world.follow(follow_up)
    assert await totals(world) == {f"shopify-{ORDER_ID}": 450.0, RETURN_ID: -225.0}


async def test_money_without_goods_is_told_but_no_return(world: World) -> None:
    await tell(world, "orders/paid", order_body())
    money = refund_body(refund_line_items=[], transactions=[transaction("45.00")])
    done = await tell(world, "refunds/create", money)
    assert "45.00 SEK went back, but not for goods" in (done[RETURN].note or "")
    assert await totals(world) == {f"shopify-{ORDER_ID}": 450.0}
    assert await refund_mails(world) == [("PartiallyRefunded", -45.0)]


async def test_what_went_back_for_shipping_is_in_no_return(world: World) -> None:
    await tell(world, "orders/paid", order_body())
    both = refund_body(
        transactions=[transaction("274.00")],
        order_adjustments=[{"kind": "shipping_refund", "amount": "-49.00", "tax_amount": "0.00"}],
    )
    done = await tell(world, "refunds/create", both)
    assert done[RETURN].note == "49.00 SEK of what went back was not for goods and is in no receipt"
    assert (await totals(world))[RETURN_ID] == -225.0
    assert await refund_mails(world) == [("PartiallyRefunded", -274.0)]


async def test_the_last_refund_is_told_as_the_whole(world: World) -> None:
    await tell(world, "orders/paid", order_body())
    await tell(world, "refunds/create", refund_body())
    rest = refund_body(id=7, transactions=[transaction("274.00")])
    await tell(world, "refunds/create", rest)
    assert await refund_mails(world) == [("PartiallyRefunded", -225.0), ("Refunded", -274.0)]


@pytest.mark.parametrize("kind", [RETURN, MAIL])
async def test_a_refund_of_an_order_of_nobody_is_left_with_a_note(world: World, kind: TaskType) -> None:
    await tell(world, "orders/paid", order_body(customer=None, email=None))
    done = await tell(world, "refunds/create", refund_body())
    assert "belongs to no contact" in (done[kind].note or "")
    assert done[kind].calls == []


@pytest.mark.parametrize("kind", [RETURN, MAIL])
async def test_a_refund_of_a_deleted_order_is_obsolete(world: World, kind: TaskType) -> None:
    await tell(world, "orders/paid", order_body())
    await tell(world, "refunds/create", refund_body())
    await tell(world, "orders/delete", {"id": ORDER_ID})
    done = await world.sync(kind, REFUND_ID)
    assert isinstance(done.error, Obsolete)
    assert done.error.message == "The order was deleted in the shop"


@pytest.mark.parametrize("fault", ["reset_before", "reset_after_effect", "slow", "server_error"])
async def test_a_return_whose_answer_was_lost_is_simply_repeated(world: World, fault: str) -> None:
    await tell(world, "orders/paid", order_body())
    await world.faults(once(RECEIPTS, fault))
    first = (await tell(world, "refunds/create", refund_body()))[RETURN]
    assert isinstance(first.error, Retryable)
    assert (await world.sync(RETURN, REFUND_ID, id=first.task.id, is_uncertain=True)).error is None
    returned = (await world.receipts())[-1]
    assert (returned["uniqueReceiptId"], returned["times_different"]) == (RETURN_ID, 0)


@pytest.mark.parametrize(
    ("fault", "mails"), [("reset_before", 0), ("reset_after_effect", 1), ("slow", 1), ("server_error", 0)]
)
async def test_when_no_answer_comes_a_refund_is_never_told_again(
    world: World, fault: str, mails: int
) -> None:
    await tell(world, "orders/paid", order_body())
    await world.faults(once(ORDERS, fault))
    first = (await tell(world, "refunds/create", refund_body()))[MAIL]
    assert isinstance(first.error, Rejected)
    assert first.error.kind == "unknown_outcome"
    assert ORDERS not in (await world.sync(MAIL, REFUND_ID)).requests
    assert len(await refund_mails(world)) == mails


async def test_two_refunds_of_the_same_goods_at_once_give_them_back_once(world: World) -> None:
    await tell(world, "orders/paid", order_body())
    everything = [refund_line(quantity=2, subtotal=450, total_tax=90)]
    refunds = [
        refund_body(id=number, refund_line_items=everything, transactions=[transaction("450.00")])
        for number in range(1, 5)
    ]
    for body in refunds:
        received = await receive(world, "refunds/create", body)
        await world.follow(received.follow_ups[0])
    done = await asyncio.gather(*(world.sync(RETURN, body["id"]) for body in refunds))
    assert [one.error for one in done] == [None] * 4
    assert sorted((await totals(world)).values()) == [-450.0, 450.0]


async def test_a_refund_nobody_can_use_names_the_field(world: World) -> None:
    done = await receive(world, "refunds/create", refund_body(refund_line_items=[refund_line(subtotal="x")]))
    assert isinstance(done.error, Rejected)
    assert "'refund_line_items.0.subtotal'" in done.error.message


async def test_of_goods_never_sent_no_parcel_told_and_none_is_returned(world: World) -> None:
    await world.set_account(settings={"store_external_id": STORE_ID, "receipts_on": "fulfilment"})
    await tell(world, "orders/paid", order_body())
    await tell(world, "fulfillments/create", parcel_body(line_items=[{"id": LINE_ID, "quantity": 1}]))
    unsent = refund_body(refund_line_items=[refund_line(restock_type="cancel")])
    done = await tell(world, "refunds/create", unsent)
    assert done[RETURN].note == "No return is due: these goods are in no receipt, or were given back before"
    assert await totals(world) == {f"shopify-{ORDER_ID}-f-{PARCEL_ID}": 225.0}


def _life() -> list[tuple[str, dict[str, Any]]]:
    """Three cups for 10.00, paid, sent in two parcels of which one is seen to arrive, one cup refunded."""
    line = line_body(
        quantity=3, current_quantity=3, price="3.3334", tax_lines=[{"price": "2.00", "rate": 0.25}]
    )
    kept = {**line, "current_quantity": 2}
    bought: dict[str, Any] = {"line_items": [line], "total_price": "59.00", "total_tax": "2.00"}
    back = refund_body(
        refund_line_items=[refund_line(subtotal=3.33, total_tax=0.67)], transactions=[transaction("3.33")]
    )
    first = parcel_body(line_items=[{"id": LINE_ID, "quantity": 1}])
    second = parcel_body(id=7, name="#1042.2", line_items=[{"id": LINE_ID, "quantity": 2}])
    refunded = {**bought, "line_items": [kept], "financial_status": "partially_refunded", "refunds": [back]}
    return [
        ("orders/create", order_body(**bought, financial_status="pending")),
        ("orders/paid", order_body(**bought, updated_at="2026-11-20T17:20:00+01:00")),
        ("fulfillments/create", first),
        ("fulfillments/create", second),
        ("fulfillments/update", {**first, "shipment_status": "delivered", "updated_at": LATER}),
        ("orders/fulfilled", order_body(**bought, fulfillment_status="fulfilled", updated_at=LATER)),
        ("refunds/create", back),
        (
            "orders/updated",
            order_body(**refunded, fulfillment_status="fulfilled", updated_at="2026-11-26T09:00:00+01:00"),
        ),
    ]


@pytest.mark.parametrize("receipts_on", ["payment", "fulfilment"])
@pytest.mark.parametrize("seed", range(6))
async def test_a_life_told_in_any_order_and_twice_ends_the_same(
    world: World, receipts_on: str, seed: int
) -> None:
    await world.set_account(settings={"store_external_id": STORE_ID, "receipts_on": receipts_on})
    chance, postbox = random.Random(seed), Postbox(world)
    letters = [letter for letter in _life() for _ in range(chance.choice((1, 1, 2)))]
    chance.shuffle(letters)
    for topic, body in letters:
        await postbox.take(topic, body)
    await postbox.finish()
    assert postbox.failed == []
    found = await totals(world)
    assert found.pop(RETURN_ID) == -3.33
    purchases = {f"-f-{PARCEL_ID}", "-f-7"} if receipts_on == "fulfilment" else {""}
    assert found.keys() == {f"shopify-{ORDER_ID}{which}" for which in purchases}
    assert round(sum(found.values()), 2) == 10.00
    counts = await world.counts()
    assert (counts["receipts_different"], counts["stores_created_by_accident"]) == (0, 0)
    mails = Counter((m["orderNumber"], m["orderStatus"], m["paymentStatus"]) for m in await world.mails())
    assert max(mails.values()) == 1
    assert [m["totalGrossPrice"] for m in await world.mails() if m["orderStatus"] == "PartiallyRefunded"] == [
        -3.33
    ]
