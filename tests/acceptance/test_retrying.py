"""Everything that failed for one cause is retried when that is mended: all of it, once, whoever is killed.

What is cancelled is not done, and what is deleted does not come back.
"""

import json
from typing import Any

import httpx
import pytest

from tests.acceptance.importing import Merchant, merchant
from tests.acceptance.shop import deliver, paid_order
from tests.acceptance.stack import Stack
from tests.waiting import until

pytestmark = pytest.mark.acceptance

ORDERS = range(8_800_001, 8_800_031)
UNWANTED, WANTED = 8_800_041, 8_800_042
TOLD = ("SyncOrder", "SyncOrderNotification")


async def _crm_key(shop: Merchant, api_key: str) -> None:
    async with shop.stack.api() as api:
        listed = (await api.get("/accounts", params={"shop": shop.domain, "kind": "engage"})).json()
        (account,) = listed["accounts"]
        changed = await api.patch(f"/accounts/{account['id']}", json={"credentials": {"api_key": api_key}})
        assert changed.status_code == 200, changed.text


async def _deliver(shop: Merchant, order_id: int) -> str:
    """Of an order, always the same delivery, though it names another time. Returns the task's id."""
    body, delivery = paid_order(order_id), f"{shop.domain}/{order_id}"
    accepted = await deliver(shop.stack, "orders/create", body, webhook_id=delivery, shop=shop.shop)
    assert accepted.status_code == 200, accepted.text
    return str(accepted.json()["task_id"])


async def _failed_orders(stack: Stack) -> Merchant:
    """Thirty paid orders of which the CRM refused everything, as its key was wrong."""
    shop = await merchant(stack)
    await _crm_key(shop, "a-wrong-key")
    for order_id in ORDERS:
        await _deliver(shop, order_id)

    async def have_failed() -> bool:
        tasks = await shop.tasks()
        return all(tasks.get((told, "failed")) == len(ORDERS) for told in TOLD)

    await until(have_failed, "the CRM has refused all")
    return shop


async def _said(api: httpx.AsyncClient, kind: str = "retry", **wanted: Any) -> dict[str, Any]:
    answer = await api.post("/operations", json={"kind": kind, **wanted})
    assert answer.status_code == 202, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def _operation(stack: Stack, operation_id: str) -> dict[str, Any]:
    """Nothing while nobody answers."""
    try:
        async with stack.api() as api:
            answer = await api.get(f"/operations/{operation_id}")
    except httpx.TransportError:
        return {}
    return dict(answer.json()["operation"]) if answer.status_code == 200 else {}


async def _over(stack: Stack, operation_id: str) -> dict[str, Any]:
    async def has_ended() -> bool:
        return bool((await _operation(stack, operation_id)).get("finished_at"))

    await until(has_ended, "the operation is over")
    return await _operation(stack, operation_id)


async def _outcomes(stack: Stack, operation_id: str) -> dict[str, int]:
    """How many tasks of the operation ended how."""
    async with stack.api() as api:
        return dict((await api.get(f"/operations/{operation_id}")).json()["outcomes"])


async def _receipts(stack: Stack) -> list[str]:
    async with stack.sandbox() as sandbox:
        receipts = (await sandbox.get("/control/engage/receipts")).json()["receipts"]
    wanted = {f"shopify-{order_id}" for order_id in (*ORDERS, UNWANTED, WANTED)}
    return sorted(one["uniqueReceiptId"] for one in receipts if one["uniqueReceiptId"] in wanted)


async def test_what_failed_for_one_cause_is_retried_once_it_is_mended(shared_stack: Stack) -> None:
    shop = await _failed_orders(shared_stack)
    wanted = {"shop": [shop.domain], "type": list(TOLD), "error_kind": "authentication"}
    everything: dict[str, Any] = {"filter": wanted}
    async with shared_stack.api() as api:
        plan = (await _said(api, **everything, dry_run=True))["plan"]
        assert (plan["matching"], plan["safe"], plan["risky"]) == (60, 60, 0)
        assert plan["accounts"][0]["problem"]
        assert plan["seconds"] > 0
        await _crm_key(shop, json.loads((shared_stack.data / "secrets.json").read_text())["engage_api_key"])
        begun = await _said(api, **everything, per_second=10, expected=plan["matching"])
    operation_id = begun["operation"]["id"]

    async def is_under_way() -> bool:
        return bool((await _operation(shared_stack, operation_id)).get("done"))

    await until(is_under_way, "the first tasks are retried")
    shared_stack.kill("query-api")
    over = await _over(shared_stack, operation_id)
    assert (over["state"], over["total"], over["done"], over["skipped"]) == ("succeeded", 60, 60, 0)

    async def are_all_over() -> bool:
        return not (await _outcomes(shared_stack, operation_id))["pending"]

    await until(are_all_over, "every retried task is over")
    tasks = await shop.tasks()
    assert [(tasks[told, "succeeded"], tasks[told, "failed"]) for told in TOLD] == [(30, 30), (30, 30)]
    assert await _receipts(shared_stack) == [f"shopify-{order_id}" for order_id in ORDERS]
    outcomes = await _outcomes(shared_stack, operation_id)
    assert (outcomes["succeeded"], outcomes["failed"]) == (60, 0)
    async with shared_stack.api() as api:
        again = (await _said(api, **everything, dry_run=True))["plan"]
    assert (again["safe"], [group["reason"] for group in again["not_done"]]) == (0, ["already_retried"] * 2)
    await _what_is_deleted_does_not_come_back(shop)
    await _what_is_cancelled_is_not_done(shop)


async def _what_is_deleted_does_not_come_back(shop: Merchant) -> None:
    everything: dict[str, Any] = {"filter": {"shop": [shop.domain]}}
    async with shop.stack.api() as api:
        before = (await api.get("/stats", params={"shop": shop.domain})).json()["all_tasks"]["total"]
        plan = (await _said(api, "delete", **everything, dry_run=True))["plan"]
        assert (plan["matching"], plan["safe"]) == (before, before)
        begun = await _said(api, "delete", **everything, expected=before)
    over = await _over(shop.stack, begun["operation"]["id"])
    assert (over["state"], over["done"]) == ("succeeded", before)
    assert await shop.tasks() == {}
    async with shop.stack.api() as api:
        stats = (await api.get("/stats", params={"shop": shop.domain})).json()["all_tasks"]
        counted = (await api.get("/tasks/count", params={"shop": shop.domain})).json()
    assert (stats["total"], stats["failed_24h"], counted["count"]) == (0, 0, 0)
    for order_id in ORDERS:
        await _deliver(shop, order_id)


async def _what_is_cancelled_is_not_done(shop: Merchant) -> None:
    """Of orders that come after the redeliveries above, which showed as duplicates that did nothing."""
    away = {"system": "engage", "fault": "unavailable", "retry_after": "10"}
    async with shop.stack.sandbox() as sandbox:
        (await sandbox.put("/control/faults", json=[away])).raise_for_status()
        await _deliver(shop, UNWANTED)
        await until(lambda: _cancelled(shop), "what waits for the CRM is cancelled")
        await sandbox.delete("/control/faults")
    await shop.quiet(await _deliver(shop, WANTED))
    done = {("OrderWebhook", "succeeded"): len(ORDERS) + 2, ("IndexOrder", "succeeded"): 2}
    ends = {(told, end): 1 for told in TOLD for end in ("cancelled", "succeeded")}
    assert await shop.tasks() == done | ends
    assert f"shopify-{WANTED}" in await _receipts(shop.stack)
    assert f"shopify-{UNWANTED}" not in await _receipts(shop.stack)
    async with shop.stack.api() as api:
        stats = (await api.get("/stats", params={"shop": shop.domain})).json()["all_tasks"]
    assert (stats["total"], stats["cancelled"], stats["retrying"]) == (len(ORDERS) + 8, 2, 0)


async def _cancelled(shop: Merchant) -> bool:
    waiting: dict[str, Any] = {"filter": {"shop": [shop.domain], "state": ["retrying"]}}
    async with shop.stack.api() as api:
        begun = await _said(api, "cancel", **waiting)
    await _over(shop.stack, begun["operation"]["id"])
    tasks = await shop.tasks()
    return all(tasks.get((told, "cancelled")) for told in TOLD)
