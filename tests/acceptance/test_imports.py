"""A merchant's shop is imported: everything is stored, the CRM is told, and each step can be watched."""

from typing import Any

import pytest

from tests.acceptance.importing import Merchant, merchant
from tests.acceptance.promises import broken_promises
from tests.acceptance.stack import Stack
from tests.waiting import until

pytestmark = pytest.mark.acceptance

CHAIN = [
    "HandleBulkImportCreateRequest",
    "HandleBulkImportCreate",
    "BulkOperationFinishWebhook",
    "HandleBulkOperationFinish",
    "ProcessBulkImportData",
    "TriggerNextBatch",
]


async def test_customers_and_orders_are_imported_and_end_in_the_crm(shared_stack: Stack) -> None:
    shop = await merchant(shared_stack)
    await shop.say("PUT", "volume", customers=15, orders=20, lines_per_order=2, refund_every=5, split_every=4)
    mails = await _mails(shared_stack)
    done = await shop.ended(await shop.begun())
    await shop.quiet()
    assert (done["state"], done["problem"]) == ("finished", None)
    parts = {part["kind"]: part for part in done["parts"]}
    assert parts["customers"]["counts"]["new"] == 15
    assert parts["orders"]["counts"]["new"] == 20
    assert {part["state"] for part in done["parts"]} == {"stored"}
    assert (done["to_sync"], done["handed_over"]) == (35, 35)
    tasks = await shop.tasks()
    assert all(state == "succeeded" for _, state in tasks), tasks
    assert {kind for kind, _ in tasks} >= {*CHAIN, "SyncContact", "SyncOrder"}
    assert (tasks["SyncContact", "succeeded"], tasks["SyncOrder", "succeeded"]) == (15, 20)
    assert parts["orders"]["counts"]["refunds"] == await _returns(shop) > 0
    assert await _mails(shared_stack) == mails
    synced = await shop.fetch(
        "SELECT count(*)::int AS n FROM store.customers WHERE shop_id = $1 AND contact_id IS NOT NULL"
    )
    assert synced[0]["n"] == 15
    assert await _lanes(shop) == {"sync-bulk"}
    assert await broken_promises(shared_stack) == {}


async def test_an_import_ends_also_when_the_shop_never_says_that_its_export_is_done(
    shared_stack: Stack,
) -> None:
    shop = await merchant(shared_stack, with_crm=False)
    await shop.say("PATCH", "admin", bulk_finish_webhook=False)
    await shop.say("PUT", "volume", customers=3)
    done = await shop.ended(await shop.begun("customers"))
    assert (done["state"], done["processed"], done["handed_over"]) == ("finished", 3, 0)
    assert ("BulkOperationFinishWebhook", "succeeded") not in await shop.tasks()


async def test_bad_lines_are_told_with_their_number_and_the_rest_is_imported(shared_stack: Stack) -> None:
    shop = await merchant(shared_stack, with_crm=False)
    await shop.say("PATCH", "admin", bulk_bad_lines=7)
    await shop.say("PUT", "volume", orders=30, lines_per_order=2)
    done = await shop.ended(await shop.begun("orders"))
    exported = (await shop.say("GET", "bulk-operations"))["operations"][0]
    async with shared_stack.api() as api:
        failures = (await api.get(f"/imports/{done['id']}/failures")).json()["failures"]
    assert [one["line"] for one in failures] == exported["bad_lines"]
    assert all(one["reason"] for one in failures)
    assert (done["processed"], done["failed"]) == (30, len(failures))
    assert done["total"] == 30 + len(failures)


async def test_a_second_import_is_refused_and_a_stopped_one_makes_room(shared_stack: Stack) -> None:
    shop = await merchant(shared_stack, with_crm=False)
    await shop.say("PATCH", "admin", bulk_delay_s=4)
    await shop.say("PUT", "volume", customers=3)
    first = await shop.begun()
    refused = await shop.begin()
    assert (refused.status_code, first in refused.json()["detail"]) == (409, True)
    async with shared_stack.api() as api:
        stopped = (await api.post(f"/imports/{first}/stop")).json()["import"]
    assert stopped["state"] == "stopped"
    await shop.say("PATCH", "admin", bulk_delay_s=0.1)
    done = await shop.ended(await shop.begun("customers"))
    await shop.quiet()
    assert done["state"] == "finished"
    assert (
        await shop.fetch(
            "SELECT 1 FROM store.import_lines l JOIN store.imports i ON i.id = l.import_id "
            "WHERE i.shop_id = $1"
        )
        == []
    )


async def test_an_export_that_fails_fails_the_import_with_its_reason(shared_stack: Stack) -> None:
    shop = await merchant(shared_stack, with_crm=False)
    await shop.say("PATCH", "admin", bulk_outcome="FAILED", bulk_error_code="TIMEOUT")
    done = await shop.ended(await shop.begun("customers"))
    assert (done["state"], "TIMEOUT" in done["problem"]) == ("failed", True)
    await shop.quiet()
    (failed,) = await shop.fetch("SELECT * FROM ledger.tasks WHERE shop_id = $1 AND state = 'failed'")
    assert (failed["type"], failed["error_kind"]) == ("HandleBulkOperationFinish", "export")
    assert "new import" in failed["remedy"]


async def test_a_webhook_of_an_export_nobody_asked_for_is_noted(shared_stack: Stack) -> None:
    shop = await merchant(shared_stack, with_crm=False)
    await shop.say("POST", "send", topic="bulk_operations/finish")

    async def is_noted() -> bool:
        rows = await shop.fetch("SELECT note FROM ledger.tasks WHERE shop_id = $1 AND note IS NOT NULL")
        return any("belongs to no import" in row["note"] for row in rows)

    await until(is_noted, "the note is there")


async def _returns(shop: Merchant) -> int:
    """How many refunds of the shop are in the CRM."""
    rows = await shop.fetch("SELECT order_id, source_id FROM store.refunds WHERE shop_id = $1")
    wanted = {f"shopify-{row['order_id']}-r-{row['source_id']}" for row in rows}
    async with shop.stack.sandbox() as sandbox:
        receipts = (await sandbox.get("/control/engage/receipts")).json()["receipts"]
    return len(wanted & {receipt["uniqueReceiptId"] for receipt in receipts})


async def _mails(stack: Stack) -> Any:
    async with stack.sandbox() as sandbox:
        return (await sandbox.get("/control/engage/counts")).json()["order_mails"]


async def _lanes(shop: Merchant) -> set[str]:
    """Which lanes the tasks for the CRM were given."""
    rows = await shop.fetch(
        "SELECT DISTINCT e.header ->> 'lane' AS lane"
        " FROM ledger.task_events e JOIN ledger.tasks t USING (task_id)"
        " WHERE t.shop_id = $1 AND t.type IN ('SyncContact', 'SyncOrder')"
    )
    return {row["lane"] for row in rows}
