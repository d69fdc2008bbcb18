"""Nothing lost, nothing doubled: what the shop sent and the CRM holds, counted against the log."""

from collections import Counter
from collections.abc import Iterable

from tests.acceptance.stack import Reachable


async def every_delivery_has_exactly_one_first_task(stack: Reachable, *, deliveries: int) -> None:
    """`deliveries`: how many different ones the shop sent; the CRM's are left out."""
    (counted,) = await stack.fetch(
        "SELECT count(*) AS firsts, count(*) FILTER (WHERE note LIKE 'Duplicate of%') AS duplicates "
        "FROM ledger.tasks WHERE parent_id IS NULL AND type LIKE '%Webhook' AND type <> 'ContactWebhook'"
    )
    assert counted["firsts"] - counted["duplicates"] == deliveries, counted


async def the_crm_holds_what_the_shop_said(stack: Reachable, paid_orders: Iterable[str]) -> None:
    async with stack.sandbox() as sandbox:
        receipts = (await sandbox.get("/control/engage/receipts")).json()["receipts"]
        orders = (await sandbox.get("/control/engage/orders")).json()["orders"]
        counts = (await sandbox.get("/control/engage/counts")).json()
    held = {receipt["uniqueReceiptId"] for receipt in receipts}
    failed = await _failed(stack, "SyncOrder")
    due = {f"shopify-{order_id}" for order_id in paid_orders if order_id not in failed}
    assert due - held == set()
    changed = {receipt["uniqueReceiptId"]: set(receipt["differing_fields"]) for receipt in receipts}
    # A repeat may name the same contact by another key; what was bought has to stay the same.
    assert {receipt_id: fields for receipt_id, fields in changed.items() if fields - {"contact"}} == {}
    mails = Counter((order["orderNumber"], order["orderStatus"], order["paymentStatus"]) for order in orders)
    assert [mail for mail, times in mails.items() if times > 1] == []
    assert counts["fields_blanked"] == 0
    assert counts["stores_created_by_accident"] == 0


async def _failed(stack: Reachable, task_type: str) -> set[str]:
    rows = await stack.fetch(
        "SELECT source_id FROM ledger.tasks WHERE type = $1 AND state = 'failed'", task_type
    )
    return {row["source_id"] for row in rows}
