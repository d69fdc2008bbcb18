"""Senders other than Shopify: WooCommerce and anything that speaks Standard Webhooks."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.acceptance.stack import Stack
from tests.waiting import until

pytestmark = pytest.mark.acceptance

DOORS = ("engage", "woocommerce", "standard")
BY_NUMBER = "SELECT type, state FROM ledger.tasks WHERE order_number = $1 ORDER BY task_id"
BY_SOURCE = "SELECT type, state, note FROM ledger.tasks WHERE source_id = $1 ORDER BY task_id"


async def _over(stack: Stack, query: str, value: str, *, types: set[str]) -> None:
    """Until tasks of all these types are recorded and have succeeded."""

    async def are_over() -> bool:
        tasks = await stack.fetch(query, value)
        assert not [task for task in tasks if task["state"] == "failed"]
        return {task["type"] for task in tasks if task["state"] == "succeeded"} >= types

    await until(are_over, f"tasks of the types {sorted(types)} have succeeded")


async def _control(stack: Stack, path: str, order: dict[str, Any] | None = None) -> Any:
    async with stack.sandbox() as sandbox:
        return (await sandbox.post(f"/control/{path}", json=order or {})).raise_for_status().json()


async def test_a_woocommerce_webhook_can_be_saved_and_its_order_becomes_a_receipt(
    shared_stack: Stack,
) -> None:
    assert (await _control(shared_stack, "woocommerce/ping"))["saved"] is True
    order_id = uuid4().int % 10**9
    order = {
        "id": order_id,
        "number": str(order_id),
        "status": "processing",
        "currency": "SEK",
        "date_created_gmt": "2026-11-20T16:10:00",
        "date_modified_gmt": "2026-11-20T16:15:47",
        "date_paid_gmt": "2026-11-20T16:11:00",
        "total": "500.00",
        "total_tax": "100.00",
        "customer_id": 0,
        "billing": {"first_name": "Kim", "email": f"woo.{order_id}@example.com", "country": "SE"},
        "payment_method": "stripe",
        "line_items": [
            {"id": 1, "name": "Mugg", "sku": "MUG-1", "quantity": 2, "total": "400.00", "total_tax": "100.00"}
        ],
    }
    sent = await _control(
        shared_stack, "woocommerce/send", {"topic": "order.created", "body": order, "times": 2}
    )
    assert sent["active"] is True
    types = {"OrderWebhook", "IndexOrder", "SyncOrder", "SyncOrderNotification"}
    await _over(shared_stack, BY_NUMBER, f"#{order_id}", types=types)
    async with shared_stack.sandbox() as sandbox:
        path = f"/control/engage/receipts?receiptNumber={order_id}"
        receipts = (await sandbox.get(path)).json()["receipts"]
    (receipt,) = receipts
    assert receipt["receipt"]["uniqueReceiptId"].endswith(f"-{order_id}")
    assert (receipt["receipt"]["totalGrossPrice"], receipt["times_received"]) == (500.0, 1)


async def test_a_generic_customer_becomes_a_contact_once_however_often_it_is_told(
    shared_stack: Stack,
) -> None:
    customer_id = f"C-{uuid4().hex[:8]}"
    data = {
        "id": customer_id,
        "email": f"{customer_id.lower()}@example.com",
        "first_name": "Kim",
        "updated_at": "2026-11-20T16:15:47Z",
    }
    await _control(shared_stack, "standard/send", {"type": "customer.created", "data": data, "times": 2})
    await _over(shared_stack, BY_SOURCE, customer_id, types={"CustomerWebhook"})
    our_id = f"standard-{shared_stack.facts['demo_shop']['domain']}-{customer_id}"
    await _over(shared_stack, BY_SOURCE, our_id, types={"IndexCustomer", "SyncContact"})
    async with shared_stack.sandbox() as sandbox:
        found = (await sandbox.get(f"/control/engage/contacts?externalId={our_id}")).json()["contacts"]
    assert [contact["firstName"] for contact in found] == ["Kim"]
    indexed = [
        task for task in await shared_stack.fetch(BY_SOURCE, our_id) if task["type"] == "IndexCustomer"
    ]
    assert len(indexed) == 1


@pytest.mark.parametrize("door", DOORS)
async def test_a_door_refuses_strangers_and_says_why(shared_stack: Stack, door: str) -> None:
    domain = shared_stack.facts["demo_shop"]["domain"]
    signed = {
        "content-type": "application/json",
        "x-wc-webhook-topic": "order.updated",
        "x-wc-webhook-signature": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
        "webhook-id": "msg_1",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
    }
    async with shared_stack.ingest() as ingest:
        answers = {
            "unsigned": await ingest.post(f"/webhooks/{door}/{domain}", json={}),
            "wrongly signed": await ingest.post(f"/webhooks/{door}/{domain}", content=b"{}", headers=signed),
            "unknown shop": await ingest.post(
                f"/webhooks/{door}/nobody.example", content=b"{}", headers=signed
            ),
        }
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "unsigned": 400,
        "wrongly signed": 401,
        "unknown shop": 404,
    }
    assert all(_is_problem(answer) for answer in answers.values())

    async def is_listed() -> bool:
        query = "SELECT reason FROM ingest.rejections WHERE source = $1 AND shop_domain = $2"
        rows = await shared_stack.fetch(query, door, domain)
        return {row["reason"] for row in rows} >= {"missing_header", "bad_signature"}

    await until(is_listed, "it is listed")


def _is_problem(answer: httpx.Response) -> bool:
    return answer.headers["content-type"] == "application/problem+json" and answer.json()["detail"].endswith(
        "."
    )
