"""Packages told to a Shopify shop: what it has afterwards, also when answers are lost on the way."""

import asyncio
from typing import Any

import pytest

from shared.envelope import State
from tests.integration.writeback.shipping import Shipping
from tests.waiting import eventually
from writeback.handlers.write_back import READ_BACK

TWO_MUGS: dict[str, Any] = {"lines": [{"sku": "SL-001", "quantity": 2}, {"sku": "SL-002", "quantity": 1}]}


async def test_a_package_becomes_a_fulfilment_with_its_tracking(shipping: Shipping) -> None:
    order = await shipping.store.buy(**TWO_MUGS)
    package = await shipping.pack(order, {"SL-001": 1, "SL-002": 1}, tracking_numbers=["A1", "A2"])
    ended = await shipping.tell(package)
    (made,) = await shipping.fulfilments(order)
    row = await shipping.row(package)
    assert ended.transition.state is State.SUCCEEDED
    assert made["tracking_numbers"] == ["A1", "A2"]
    assert made["tracking_company"] == "PostNord"
    assert {line["sku"]: line["quantity"] for line in made["line_items"]} == {"SL-001": 1, "SL-002": 1}
    assert (row["state"], row["told_version"], row["target_id"]) == ("synced", 1, str(made["id"]))
    assert row["synced_at"] is not None
    assert row["error_count"] == 0


async def test_a_second_telling_changes_nothing(shipping: Shipping) -> None:
    order = await shipping.store.buy(**TWO_MUGS)
    package = await shipping.pack(order, {"SL-001": 1})
    await shipping.tell(package)
    again = await shipping.tell(package)
    assert len(await shipping.fulfilments(order)) == 1
    assert again.calls == []
    assert "another task" in (again.note or "")


@pytest.mark.parametrize("fault", ["reset_after_effect", "malformed", "slow"])
async def test_a_lost_answer_is_read_back_before_anything_is_repeated(shipping: Shipping, fault: str) -> None:
    order = await shipping.store.buy(**TWO_MUGS)
    package = await shipping.pack(order, {"SL-001": 1})
    await shipping.fault("fulfillmentCreate", fault, delay_ms=1_400 if fault == "slow" else None)
    lost = await shipping.tell(package)
    failed = await shipping.row(package)
    again = await shipping.tell(package, attempt=2)
    (made,) = await shipping.fulfilments(order)
    row = await shipping.row(package)
    assert lost.transition.state is State.RETRYING
    assert failed["error_count"] == 1
    assert failed["state"] == "pending"
    assert again.note == row["note"] == READ_BACK
    assert (row["state"], row["target_id"], row["tried_numbers"]) == ("synced", str(made["id"]), [])


async def test_a_request_that_never_arrived_is_made_again(shipping: Shipping) -> None:
    order = await shipping.store.buy(**TWO_MUGS)
    package = await shipping.pack(order, {"SL-001": 1})
    await shipping.fault("fulfillmentCreate", "reset_before")
    await shipping.tell(package)
    again = await shipping.tell(package, attempt=2)
    assert again.note is None
    assert len(await shipping.fulfilments(order)) == 1


async def test_packages_with_one_tracking_number_are_told_apart(shipping: Shipping) -> None:
    order = await shipping.store.buy(**TWO_MUGS)
    first = await shipping.pack(order, {"SL-001": 1}, package_id="1")
    second = await shipping.pack(order, {"SL-001": 1}, package_id="2")
    await shipping.tell(first)
    await shipping.fault("fulfillmentCreate", "reset_before")
    await shipping.tell(second)
    await shipping.tell(second, attempt=2)
    rows = [await shipping.row(first), await shipping.row(second)]
    assert len(await shipping.fulfilments(order)) == 2
    assert rows[0]["target_id"] != rows[1]["target_id"]


async def test_a_new_tracking_number_replaces_the_old_one_also_after_a_lost_answer(
    shipping: Shipping,
) -> None:
    order = await shipping.store.buy(**TWO_MUGS)
    package = await shipping.pack(order, {"SL-001": 1})
    await shipping.tell(package)
    await shipping.change(package, tracking_numbers=["NEW1"], tracking_url=None)
    await shipping.fault("fulfillmentTrackingInfoUpdate", "reset_after_effect")
    await shipping.tell(package)
    again = await shipping.tell(package, attempt=2)
    (made,) = await shipping.fulfilments(order)
    assert made["tracking_numbers"] == ["NEW1"]
    assert again.note == READ_BACK
    assert (await shipping.row(package))["state"] == "synced"


async def test_a_correction_of_what_may_have_been_told_finds_it_under_its_old_number(
    shipping: Shipping,
) -> None:
    order = await shipping.store.buy(**TWO_MUGS)
    package = await shipping.pack(order, {"SL-001": 1})
    await shipping.fault("fulfillmentCreate", "reset_after_effect")
    await shipping.tell(package)
    await shipping.change(package, tracking_numbers=["NEW1"])
    await shipping.tell(package)
    (made,) = await shipping.fulfilments(order)
    assert made["tracking_numbers"] == ["NEW1"]


async def test_a_voided_package_is_cancelled_and_its_units_wait_again(shipping: Shipping) -> None:
    order = await shipping.store.buy(**TWO_MUGS)
    package = await shipping.pack(order, {"SL-001": 2})
    await shipping.tell(package)
    await shipping.change(package, is_void=True)
    await shipping.fault("fulfillmentCancel", "reset_after_effect")
    await shipping.tell(package)
    again = await shipping.tell(package, attempt=2)
    (made,) = await shipping.fulfilments(order)
    row = await shipping.row(package)
    assert made["status"] == "cancelled"
    assert again.note == READ_BACK
    assert (row["state"], row["target_id"], row["told"]) == ("voided", None, None)
    await shipping.tell(await shipping.pack(order, {"SL-001": 2}, package_id="2"))
    assert [one["status"] for one in await shipping.fulfilments(order)] == ["cancelled", "success"]


async def test_a_package_voided_before_anybody_was_told_needs_no_call(shipping: Shipping) -> None:
    order = await shipping.store.buy(**TWO_MUGS)
    package = await shipping.pack(order, {"SL-001": 1})
    await shipping.change(package, is_void=True)
    ended = await shipping.tell(package)
    assert ended.calls == []
    assert (await shipping.row(package))["state"] == "voided"


async def test_a_package_voided_while_its_fate_is_unknown_is_looked_for(shipping: Shipping) -> None:
    order = await shipping.store.buy(**TWO_MUGS)
    package = await shipping.pack(order, {"SL-001": 1})
    await shipping.fault("fulfillmentCreate", "reset_after_effect")
    await shipping.tell(package)
    await shipping.change(package, is_void=True)
    await shipping.tell(package)
    (made,) = await shipping.fulfilments(order)
    assert made["status"] == "cancelled"
    assert (await shipping.row(package))["state"] == "voided"


async def test_what_lies_at_two_locations_becomes_two_fulfilments_each_made_once(
    shipping: Shipping,
) -> None:
    order = await shipping.store.buy(**TWO_MUGS, locations=2)
    package = await shipping.pack(order, {"SL-001": 2, "SL-002": 1})
    await shipping.fault("fulfillmentCreate", "reset_after_effect")
    await shipping.tell(package)
    assert len(await shipping.fulfilments(order)) == 1
    await shipping.tell(package, attempt=2)
    made = await shipping.fulfilments(order)
    row = await shipping.row(package)
    assert [one["tracking_numbers"] for one in made] == [["UA123456789SE"]] * 2
    assert len({one["location_id"] for one in made}) == 2
    assert row["target_id"] == ",".join(str(one["id"]) for one in made)


async def test_more_than_is_left_is_refused_naming_the_item(shipping: Shipping) -> None:
    order = await shipping.store.buy(**TWO_MUGS)
    await shipping.tell(await shipping.pack(order, {"SL-001": 1}))
    too_much = await shipping.pack(order, {"SL-001": 2}, package_id="2")
    ended = await shipping.tell(too_much)
    row = await shipping.row(too_much)
    assert ended.transition.state is State.FAILED
    assert ended.error == row["error_message"] == "The shop has 1 of 2 'SL-001' left to send"
    assert (row["state"], row["error_kind"], row["error_count"]) == ("failed", "validation", 1)
    assert len(await shipping.fulfilments(order)) == 1


async def test_an_order_on_hold_says_what_to_do(shipping: Shipping) -> None:
    order = await shipping.store.buy(**TWO_MUGS)
    await shipping.store.say("POST", f"orders/{order['id']}/hold", hold=True, tell=False)
    ended = await shipping.tell(await shipping.pack(order, {"SL-001": 1}))
    assert "release the hold in the shop" in (ended.error or "")


async def test_an_order_the_shop_does_not_have_is_refused(shipping: Shipping) -> None:
    package = await shipping.keep("77", [{"id": "1", "sku": "X", "quantity": 1}])
    ended = await shipping.tell(package)
    assert ended.transition.state is State.FAILED
    assert "no such order" in (ended.error or "")


@pytest.mark.parametrize("wish", [False, True])
async def test_customers_are_notified_only_where_the_account_says_so(shipping: Shipping, wish: bool) -> None:
    if wish:
        await shipping.pool.execute(
            "UPDATE store.accounts SET settings = $2 WHERE id = $1",
            shipping.store.account_id,
            {"notify_customer": True},
        )
    order = await shipping.store.buy(**TWO_MUGS)
    await shipping.tell(await shipping.pack(order, {"SL-001": 1}))
    asked = (await shipping.store.requests())[0]["body"]["variables"]
    assert asked["fulfillment"]["notifyCustomer"] is wish


async def test_an_account_that_is_off_fails_the_shipment_instead_of_forgetting_it(
    shipping: Shipping,
) -> None:
    order = await shipping.store.buy(**TWO_MUGS)
    package = await shipping.pack(order, {"SL-001": 1})
    await shipping.pool.execute("UPDATE store.accounts SET is_active = false")
    ended = await shipping.tell(package)
    assert ended.transition.state is State.FAILED
    assert "switched off" in (ended.error or "")
    assert (await shipping.row(package))["state"] == "failed"


async def test_what_changes_while_it_is_told_stays_pending_for_its_own_task(shipping: Shipping) -> None:
    order = await shipping.store.buy(**TWO_MUGS)
    package = await shipping.pack(order, {"SL-001": 1})
    await shipping.fault("fulfillmentCreate", "slow", delay_ms=300)
    telling = asyncio.create_task(shipping.tell(package))

    async def has_begun() -> bool:
        return bool((await shipping.row(package))["tried_version"] == 1)

    await eventually(has_begun)
    await shipping.change(package, tracking_numbers=["NEW1"])
    assert (await telling).transition.state is State.SUCCEEDED
    row = await shipping.row(package)
    assert (row["state"], row["version"], row["told_version"]) == ("pending", 2, 1)
    await shipping.tell(package)
    (made,) = await shipping.fulfilments(order)
    assert made["tracking_numbers"] == ["NEW1"]
    assert (await shipping.row(package))["state"] == "synced"
