"""Paid, sent in two parcels, refunded in part: told in any order and twice, the CRM ends up with the same."""

import asyncio
import json
import random
import uuid
from typing import Any

import pytest

from tests.acceptance.promises import broken_promises
from tests.acceptance.shop import deliver, paid_order
from tests.acceptance.stack import Stack

pytestmark = pytest.mark.acceptance

PATIENCE_S = 120
PAID, SENT, SEEN, BACK = (f"2026-11-2{day}T09:00:00+01:00" for day in range(1, 5))
STATES = """
    SELECT type, order_number, note, state FROM ledger.tasks t JOIN store.shops s ON s.id = t.shop_id
    WHERE s.domain = $1 AND order_number = $2
"""
DELIVERIES = "SELECT count(*) AS n FROM ledger.tasks WHERE parent_id IS NULL AND type LIKE '%Webhook'"
Letter = tuple[str, bytes, str]


async def parcel_shop(stack: Stack) -> dict[str, str]:
    """A shop that sends receipts on fulfilment, connected to the same CRM."""
    shop = {"domain": f"parcels-{uuid.uuid4().hex[:8]}.myshopify.com", "webhook_secret": uuid.uuid4().hex}
    key = json.loads((stack.data / "secrets.json").read_text())["engage_api_key"]
    await stack.cli(
        *(
            "shops",
            "add",
            "--domain",
            shop["domain"],
            "--name",
            "Parcels",
            "--email",
            "owner@parcels.example",
        ),
        *("--webhook-secret", shop["webhook_secret"]),
    )
    await stack.cli(
        *("accounts", "add", "--shop", shop["domain"], "--kind", "engage", "--name", "Engage"),
        *("--base-url", f"{stack.facts['sandbox_url']}/engage", "--api-key", key),
        *("--setting", "store_external_id=ecom", "--setting", "receipts_on=fulfilment"),
    )
    return shop


def order(order_id: int, updated_at: str, **changes: Any) -> bytes:
    """Three cups for 10.00 in all and 49.00 of shipping."""
    line = json.loads(paid_order(order_id))["line_items"][0]
    line |= {"id": order_id + 1, "quantity": 3, "current_quantity": 3, "price": "3.3334"}
    line |= {"tax_lines": [{"price": "2.00", "rate": 0.25}]} | changes.pop("line", {})
    money = {"total_price": "59.00", "subtotal_price": "10.00", "total_tax": "2.00"}
    return paid_order(order_id, line_items=[line], updated_at=updated_at, **money, **changes)


def parcel(order_id: int, number: int, quantity: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": order_id + 10 + number,
        "order_id": order_id,
        "status": "success",
        "name": f"#{order_id}.{number}",
        "created_at": SENT,
        "updated_at": SENT,
        "tracking_company": "PostNord",
        "tracking_numbers": [f"UA{order_id}{number}SE"],
        "line_items": [{"id": order_id + 1, "quantity": quantity}],
        **changes,
    }


def refund(order_id: int) -> dict[str, Any]:
    return {
        "id": order_id + 20,
        "order_id": order_id,
        "created_at": BACK,
        "note": "Damaged",
        "refund_line_items": [
            {
                "id": order_id + 21,
                "line_item_id": order_id + 1,
                "quantity": 1,
                "restock_type": "return",
                "subtotal": 3.33,
                "total_tax": 0.67,
            }
        ],
        "transactions": [{"kind": "refund", "status": "success", "gateway": "klarna", "amount": "3.33"}],
        "order_adjustments": [],
    }


def life(order_id: int) -> list[Letter]:
    """Topic, body and webhook id of all that the shop tells of one order, in the order it happened."""
    first, back = parcel(order_id, 1, 1), refund(order_id)
    refunded = {"financial_status": "partially_refunded", "refunds": [back], "line": {"current_quantity": 2}}
    told = [
        ("orders/create", order(order_id, "2026-11-20T17:10:00+01:00", financial_status="pending")),
        ("orders/paid", order(order_id, PAID)),
        ("fulfillments/create", first),
        ("fulfillments/create", parcel(order_id, 2, 2)),
        ("orders/fulfilled", order(order_id, SENT, fulfillment_status="fulfilled")),
        ("fulfillments/update", {**first, "shipment_status": "delivered", "updated_at": SEEN}),
        ("refunds/create", back),
        ("orders/updated", order(order_id, BACK, fulfillment_status="fulfilled", **refunded)),
    ]
    bodies = [body if isinstance(body, bytes) else json.dumps(body).encode() for _, body in told]
    return [
        (topic, body, f"{order_id}-{place}")
        for place, ((topic, _), body) in enumerate(zip(told, bodies, strict=True))
    ]


def scrambled(letters: list[Letter], seed: int | None) -> list[Letter]:
    """In any order and half of them twice; without a seed as they are."""
    if seed is None:
        return letters
    chance = random.Random(seed)
    doubled = letters + [letter for letter in letters if chance.random() < 0.5]
    chance.shuffle(doubled)
    return doubled


async def post(stack: Stack, letters: list[Letter], shop: dict[str, str] | None) -> None:
    """Delivers all and waits until every task they cause is over."""
    before = await stack.fetch(DELIVERIES)
    for topic, body, webhook_id in letters:
        answer = await deliver(stack, topic, body, webhook_id=webhook_id, shop=shop)
        assert answer.status_code == 200
    distinct = len({webhook_id for _, _, webhook_id in letters})
    await stack.wait_until_quiet(tasks=before[0]["n"] + distinct, timeout_s=PATIENCE_S)


async def receipts_of(stack: Stack, order_id: int) -> dict[str, dict[str, Any]]:
    """What the CRM keeps of the order, by the end of the receipt's id."""
    async with stack.sandbox() as sandbox:
        found = (await sandbox.get(f"/control/engage/receipts?receiptNumber={order_id}")).json()["receipts"]
    assert [receipt["times_different"] for receipt in found] == [0] * len(found)
    return {
        receipt["uniqueReceiptId"].removeprefix(f"shopify-{order_id}"): receipt["receipt"]
        for receipt in found
    }


async def mails_of(stack: Stack, order_number: str) -> list[str]:
    """Each status the CRM was told of, as often as it was."""
    async with stack.sandbox() as sandbox:
        orders = (await sandbox.get(f"/control/engage/orders?orderNumber={order_number}")).json()["orders"]
    return [f"{order['orderStatus']}/{order['paymentStatus']}" for order in orders]


@pytest.mark.parametrize("seed", [None, 1, 2])
@pytest.mark.parametrize("receipts_on", ["payment", "fulfilment"])
async def test_an_orders_life_ends_in_the_same_receipts_whatever_came_first(
    shared_stack: Stack, receipts_on: str, seed: int | None
) -> None:
    order_id = 7_000_000_000_000 + uuid.uuid4().int % 10**9 * 100
    shop = await parcel_shop(shared_stack) if receipts_on == "fulfilment" else None
    await post(shared_stack, scrambled(life(order_id), seed), shop)

    receipts = await receipts_of(shared_stack, order_id)
    returned = receipts.pop(f"-r-{order_id + 20}")
    assert (returned["totalGrossPrice"], returned["paymentMethods"][0]["value"]) == (-3.33, -3.33)
    assert [(item["type"], item["quantity"], item["grossPaidPrice"]) for item in returned["items"]] == [
        ("RETURN", -1, 3.33)
    ]
    parcels = {f"-f-{order_id + 11}": 1, f"-f-{order_id + 12}": 2}
    quantities = {which: sum(item["quantity"] for item in one["items"]) for which, one in receipts.items()}
    assert quantities == (parcels if receipts_on == "fulfilment" else {"": 3})
    assert round(sum(receipt["totalGrossPrice"] for receipt in receipts.values()), 2) == 10.00

    for parcel_number in (1, 2):
        mails = await mails_of(shared_stack, f"{order_id}.{parcel_number}")
        assert len(set(mails)) == len(mails) > 0
    told = await mails_of(shared_stack, str(order_id))
    assert len(set(told)) == len(told)
    assert "PartiallyRefunded/PartiallyRefunded" in told
    assert await broken_promises(shared_stack) == {}


async def test_every_task_of_the_order_is_called_as_the_shop_calls_it(shared_stack: Stack) -> None:
    order_id = 7_500_000_000_000
    await post(shared_stack, life(order_id), None)
    domain = shared_stack.facts["demo_shop"]["domain"]
    tasks = await shared_stack.fetch(STATES, domain, f"#{order_id}")
    assert {task["state"] for task in tasks} == {"succeeded"}
    assert {task["type"] for task in tasks} >= {
        *("FulfillmentWebhook", "SyncOrderFulfillmentNotification", "RefundWebhook", "IndexRefund"),
        *("SyncRefundNotification", "SyncRefund"),
    }


async def test_a_refund_of_an_unknown_order_waits_for_it_and_says_so(shared_stack: Stack) -> None:
    order_id = 7_600_000_000_000
    letters = life(order_id)
    (refunded,) = [letter for letter in letters if letter[0] == "refunds/create"]
    await deliver(shared_stack, refunded[0], refunded[1], webhook_id=refunded[2])
    reason = await _waiting_reason(shared_stack, order_id + 20)
    assert reason == "The order this belongs to has not come from the shop yet"
    await post(shared_stack, [letter for letter in letters if letter[0].startswith("orders/")], None)
    assert f"-r-{order_id + 20}" in await receipts_of(shared_stack, order_id)


async def _waiting_reason(stack: Stack, refund_id: int) -> str:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            rows = await stack.fetch(
                "SELECT e.detail->'failure'->>'message' AS reason FROM ledger.task_events e "
                "JOIN ledger.tasks t USING (task_id) "
                "WHERE t.source_id = $1 AND t.type = 'IndexRefund' AND e.state = 'retrying'",
                str(refund_id),
            )
            if rows:
                return str(rows[0]["reason"])
            await asyncio.sleep(0.1)
