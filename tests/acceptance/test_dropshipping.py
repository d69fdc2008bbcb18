"""Orders go to suppliers and news comes back, in three kinds of jobs; and every trouble is told."""

from typing import Any

import pytest

from tests.acceptance.dropshipping import ADDRESS, Merchant, merchant
from tests.acceptance.stack import Stack
from tests.waiting import until

pytestmark = pytest.mark.acceptance

LIKE = ["gate4cards", "trinavo"]
PLACE, CATALOGUE = "POST /api/v1/orders", "GET /api/v1/catalog"


def reasons(task: dict[str, Any]) -> list[str]:
    return [failure["reason"] for failure in task["summary"]["failures"]]


def error_of(task: dict[str, Any]) -> dict[str, Any]:
    assert task["state"] == "failed", task
    error: dict[str, Any] = task["error"]
    return error


@pytest.mark.parametrize("like", LIKE)
async def test_a_new_order_goes_to_its_supplier_and_comes_back_delivered(
    shared_stack: Stack, like: str
) -> None:
    async with merchant(shared_stack, like, auto_publish_order=True) as shop:
        products = await shop.fetched_products()
        assert (products["state"], products["type"]) == ("succeeded", "UpdateProducts")
        assert (products["items_processed"], products["items_failed"], products["items_total"]) == (30, 0, 30)
        assert products["summary"]["created"] == 30

        order = await shop.sell(shop.sku, "OWN-1")
        published = await shop.publication(order)
        (theirs,) = await shop.supplier_orders()
        assert (published["type"], published["state"]) == ("PublishOrder", "succeeded")
        assert published["order_number"] == order["name"]
        assert published["target_id"].endswith(str(theirs["number"]))
        assert (theirs["po_number"], theirs["items"]) == (order["name"].lstrip("#"), [[shop.sku, 2]])
        assert f"Supplier: {like.capitalize()} - Primary" in (await shop.shops_order(order))["tags"]

        await shop.move_orders("shipped")
        updated = await shop.acted("fetch-all-orders")
        assert (updated["items_processed"], updated["summary"]["updated"]) == (1, 1)
        (ours,) = await shop.known_orders()
        (theirs,) = await shop.supplier_orders()
        assert (ours["status"], ours["tracking_numbers"]) == ("shipped", [theirs["tracking_number"]])
        assert ours["delivery_date"] is not None


@pytest.mark.parametrize("like", LIKE)
async def test_publish_all_orders_hands_on_what_was_left(shared_stack: Stack, like: str) -> None:
    async with merchant(shared_stack, like) as shop:
        await shop.fetched_products()
        orders = [await shop.sell() for _ in range(3)]
        unpaid = await shop.sell(financial_status="pending")
        for order in (*orders, unpaid):
            await shop.stored(order)
        assert await shop.supplier_orders() == []
        tasks = [await shop.ended(task_id) for task_id in await shop.act("publish-all-orders")]
        assert {task["order_number"] for task in tasks} == {order["name"] for order in orders}
        assert {task["state"] for task in tasks} == {"succeeded"}
        assert len(await shop.supplier_orders()) == 3
        assert await shop.act("publish-all-orders") == []


async def test_schedules_follow_the_options(shared_stack: Stack) -> None:
    options: dict[str, Any] = {"auto_update_product_data": True, "auto_update_order_status": True}
    often = {"UpdateOrders": 10, "UpdateProducts": 10}
    async with merchant(shared_stack, schedules=often, **options) as shop:

        async def both_ran() -> bool:
            runs = (await shop.api.get("/runs", params={"account_id": shop.account_id})).json()["runs"]
            return {run["type"] for run in runs if run["state"] == "finished"} == {
                "UpdateOrders",
                "UpdateProducts",
            }

        await until(both_ran, "the clock has started both", timeout_s=90)
        await shop.change(settings={"auto_update_product_data": False, "auto_update_order_status": False})


async def test_bad_items_are_named_and_do_not_stop_a_run(shared_stack: Stack) -> None:
    async with merchant(shared_stack, "trinavo") as shop:
        await shop.terms(invalid_every=10)
        products = await shop.fetched_products()
        assert products["state"] == "succeeded"
        assert (products["items_processed"], products["items_failed"]) == (30, 3)
        assert any("'price' is no number: 'on request'" in reason for reason in reasons(products))

        for _ in range(2):
            await shop.stored(await shop.sell())
        for task_id in await shop.act("publish-all-orders"):
            await shop.ended(task_id)
        await shop.sandbox.delete(f"/control/supplier/{shop.supplier}/orders")
        orders = await shop.acted("fetch-all-orders")
        assert (orders["state"], orders["items_processed"], orders["items_failed"]) == ("succeeded", 2, 2)
        assert set(reasons(orders)) == {"Order not found: the supplier does not know it any more"}


async def test_a_wrong_token_is_told_and_mended_by_the_right_one(shared_stack: Stack) -> None:
    async with merchant(shared_stack) as shop:
        await shop.change(credentials={"token": "expired"})
        for action in ("fetch-all-products", "fetch-all-orders"):
            error = error_of(await shop.acted(action))
            assert (error["kind"], error["http_status"]) == ("authentication", 401)
            assert error["message"].startswith("Gate4cards - Primary refused the account's key")
            assert "credentials were refused" in error["remedy"]
        assert "refused the account's key" in (await shop.account())["problem"]
        assert (await shop.tried())["state"] == "failed"
        await shop.change(credentials={"token": "right-token"})
        trial = await shop.tried()
        assert (trial["state"], trial["message"].startswith("It works: ")) == ("succeeded", True)
        assert (await shop.ended(trial["task_id"]))["type"] == "CheckAccount"
        assert (await shop.account())["problem"] is None
        assert (await shop.fetched_products())["state"] == "succeeded"


async def test_a_supplier_nobody_can_reach_is_tried_again(shared_stack: Stack) -> None:
    async with merchant(shared_stack) as shop:
        right = (await shop.account())["base_url"]
        await shop.change(base_url="http://127.0.0.1:9")
        (task_id,) = await shop.act("fetch-all-products")
        waiting = await shop.task_when(task_id, lambda task: task["state"] == "retrying")
        assert waiting["error"]["kind"] == "connection"
        assert "could not be reached" in waiting["error"]["message"]
        await shop.change(base_url=right)
        assert (await shop.ended(task_id))["state"] == "succeeded"


async def test_a_supplier_that_takes_too_long_is_tried_again(shared_stack: Stack) -> None:
    async with merchant(shared_stack) as shop:
        await shop.fault(CATALOGUE, "slow", delay_ms=30_000)
        (task_id,) = await shop.act("fetch-all-products")
        waiting = await shop.task_when(task_id, lambda task: task["state"] == "retrying")
        assert (waiting["error"]["kind"], "did not answer in time" in waiting["error"]["message"]) == (
            "timeout",
            True,
        )
        assert "did not answer in time" in waiting["error"]["remedy"]
        assert (await shop.ended(task_id))["state"] == "succeeded"


async def test_a_rate_limit_waits_as_long_as_asked_and_uses_no_attempt(shared_stack: Stack) -> None:
    async with merchant(shared_stack) as shop:
        await shop.fault(CATALOGUE, "rate_limited", retry_after="2")
        (task_id,) = await shop.act("fetch-all-products")
        task = await shop.ended(task_id)
        events = (await shop.api.get(f"/tasks/{task_id}/events")).json()["events"]
        assert (task["state"], task["attempt"], task["max_attempts"]) == ("succeeded", 2, 7)
        (retrying,) = [event for event in events if event["state"] == "retrying"]
        assert retrying["detail"]["failure"]["kind"] == "rate_limit"


async def test_a_slow_supplier_gets_the_order_once(shared_stack: Stack) -> None:
    async with merchant(shared_stack, auto_publish_order=True) as shop:
        await shop.fetched_products()
        await shop.fault(PLACE, "reset_after_effect")
        published = await shop.publication(await shop.sell())
        assert (published["state"], published["attempt"]) == ("succeeded", 2)
        (theirs,) = await shop.supplier_orders()
        assert theirs["times_received"] == 2


async def _refused(shop: Merchant, **changes: Any) -> dict[str, Any]:
    """The error of an order that the supplier does not get."""
    error = error_of(await shop.publication(await shop.sell(**changes)))
    assert await shop.supplier_orders() == []
    return error


@pytest.mark.parametrize("like", LIKE)
async def test_what_is_out_of_stock_or_not_there_is_said(shared_stack: Stack, like: str) -> None:
    async with merchant(shared_stack, like, auto_publish_order=True) as shop:
        await shop.fetched_products()
        await shop.terms(out_of_stock=[shop.sku])
        error = await _refused(shop)
        assert (error["kind"], shop.sku in error["message"]) == ("out_of_stock", True)
        assert "has not enough" in error["remedy"]
        await shop.terms(products=0, growth=0)
        error = await _refused(shop)
        assert (error["kind"], "unknown product" in error["message"]) == ("not_found", True)
        assert "does not exist there any more" in error["remedy"]


async def test_an_incomplete_order_names_the_field(shared_stack: Stack) -> None:
    async with merchant(shared_stack, auto_publish_order=True) as shop:
        await shop.fetched_products()
        error = await _refused(shop, shipping_address={**ADDRESS, "city": None})
        assert error["kind"] == "validation"
        assert "'recipient.city'" in error["message"]
        assert "names the field" in error["remedy"]


async def test_settings_that_can_not_work_are_refused_with_the_field(shared_stack: Stack) -> None:
    async with merchant(shared_stack) as shop:
        wrong = {"settings": {"order_status_interval_minutes": "often"}}
        answer = await shop.api.patch(f"/accounts/{shop.account_id}", json=wrong)
        assert answer.status_code == 400
        assert [fault["field"] for fault in answer.json()["errors"]] == [
            "settings.order_status_interval_minutes"
        ]
