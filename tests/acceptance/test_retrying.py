"""Everything that failed for one cause is retried when that is mended: all of it, once, whoever is killed."""

import json
from typing import Any

import httpx
import pytest

from tests.acceptance.importing import Merchant, merchant, until
from tests.acceptance.shop import deliver, paid_order
from tests.acceptance.stack import Stack

pytestmark = pytest.mark.acceptance

ORDERS = range(8_800_001, 8_800_031)
TOLD = ("SyncOrder", "SyncOrderNotification")


async def _crm_key(shop: Merchant, api_key: str) -> None:
    async with shop.stack.api() as api:
        listed = (await api.get("/accounts", params={"shop": shop.domain, "kind": "engage"})).json()
        (account,) = listed["accounts"]
        changed = await api.patch(f"/accounts/{account['id']}", json={"credentials": {"api_key": api_key}})
        assert changed.status_code == 200, changed.text


async def _failed_orders(stack: Stack) -> Merchant:
    """Thirty paid orders of which the CRM refused everything, as its key was wrong."""
    shop = await merchant(stack)
    await _crm_key(shop, "a-wrong-key")
    for order_id in ORDERS:
        accepted = await deliver(stack, "orders/create", paid_order(order_id), shop=shop.shop)
        assert accepted.status_code == 200, accepted.text

    async def have_failed() -> bool:
        tasks = await shop.tasks()
        return all(tasks.get((told, "failed")) == len(ORDERS) for told in TOLD)

    await until(have_failed, "the CRM has refused all")
    return shop


async def _said(api: httpx.AsyncClient, **wanted: Any) -> dict[str, Any]:
    answer = await api.post("/operations", json={"kind": "retry", **wanted})
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


async def _receipts(stack: Stack) -> list[str]:
    async with stack.sandbox() as sandbox:
        receipts = (await sandbox.get("/control/engage/receipts")).json()["receipts"]
    wanted = {f"shopify-{order_id}" for order_id in ORDERS}
    return sorted(one["uniqueReceiptId"] for one in receipts if one["uniqueReceiptId"] in wanted)


async def test_what_failed_for_one_cause_is_retried_once_it_is_mended(shared_stack: Stack) -> None:
    shop = await _failed_orders(shared_stack)
    everything = {"filter": {"shop": [shop.domain], "error_kind": "authentication"}}
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

    async def has_ended() -> bool:
        return bool((await _operation(shared_stack, operation_id)).get("finished_at"))

    await until(is_under_way, "the first tasks are retried")
    shared_stack.kill("query-api")
    await until(has_ended, "another process has gone on with it")
    over = await _operation(shared_stack, operation_id)
    assert (over["state"], over["total"], over["done"], over["skipped"]) == ("succeeded", 60, 60, 0)

    await shop.quiet()
    tasks = await shop.tasks()
    assert [(tasks[told, "succeeded"], tasks[told, "failed"]) for told in TOLD] == [(30, 30), (30, 30)]
    assert await _receipts(shared_stack) == [f"shopify-{order_id}" for order_id in ORDERS]
    async with shared_stack.api() as api:
        outcomes = (await api.get(f"/operations/{operation_id}")).json()["outcomes"]
        assert (outcomes["succeeded"], outcomes["failed"], outcomes["pending"]) == (60, 0, 0)
        again = (await _said(api, **everything, dry_run=True))["plan"]
    assert (again["safe"], [group["reason"] for group in again["not_done"]]) == (0, ["already_retried"] * 2)
