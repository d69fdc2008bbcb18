"""Shipments through the front door: reported by shipping software, told to the shop."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from shared.tasks import TaskType
from tests.acceptance.importing import Merchant, merchant
from tests.acceptance.stack import Stack
from tests.waiting import until

pytestmark = pytest.mark.acceptance

RECEIVED, WRITE_BACK = TaskType.SHIPMENT_RECEIVED, TaskType.WRITEBACK_SHIPMENT
TASK = "SELECT type, state, note, error_message, items_failed, summary FROM ledger.tasks WHERE task_id = $1"
ROWS = "SELECT * FROM store.shipments WHERE shop_id = $1 ORDER BY package_number"


@dataclass(frozen=True)
class Packing:
    """A merchant's shop with an order to pack, and an API token to report with."""

    shop: Merchant
    order: dict[str, Any]

    async def report(self, *packages: dict[str, Any], **changes: Any) -> httpx.Response:
        body = {
            "order": {"number": self.order["name"]},
            "shipment_id": "S-1",
            "packages": packages,
            **changes,
        }
        headers = {"Authorization": f"Bearer {self.shop.stack.facts['token']}"}
        async with self.shop.stack.ingest() as ingest:
            return await ingest.post(f"/shipments/{self.shop.domain}", json=body, headers=headers)

    async def taken(self, *packages: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """The task of an accepted report, once it is over."""
        answer = await self.report(*packages, **changes)
        assert answer.status_code == 200, answer.text
        task_id = uuid.UUID(answer.json()["task_id"])

        async def is_over() -> bool:
            found = await self.shop.stack.fetch(TASK, task_id)
            return bool(found) and found[0]["state"] in ("succeeded", "failed")

        await until(is_over, "the report is taken over")
        return (await self.shop.stack.fetch(TASK, task_id))[0]

    async def rows(self) -> list[dict[str, Any]]:
        return await self.shop.fetch(ROWS)

    async def told(self) -> list[dict[str, Any]]:
        """The fulfilments the shop has, once nothing waits to be told."""

        async def is_settled() -> bool:
            return all(row["state"] != "pending" for row in await self.rows())

        await until(is_settled, "everything is told")
        order = await self.shop.say("GET", f"orders/{self.order['id']}")
        fulfilments: list[dict[str, Any]] = order["fulfillments"]
        return fulfilments


def package(package_id: str, *, units: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": package_id,
        "label": f"LBL-{package_id}",
        "carrier": "UPS",
        "tracking_number": f"1Z{package_id}",
        "shipped_at": datetime.now(UTC).isoformat(),
        "items": [{"sku": "SL-001", "quantity": units}],
        **changes,
    }


async def open_packing(stack: Stack, *, units: int = 3) -> Packing:
    """An order of so many, which the product may not know of yet."""
    shop = await merchant(stack, with_crm=False)
    order = await shop.say("POST", "orders", lines=[{"sku": "SL-001", "quantity": units}], paid=True)
    return Packing(shop, order)


async def test_packages_are_told_to_the_shop_corrected_and_taken_back(shared_stack: Stack) -> None:
    packing = await open_packing(shared_stack)
    taken = await packing.taken(package("P1"), package("P2"), package("P3", items=[]), package("P4", units=9))
    assert (taken["type"], taken["state"], taken["items_failed"]) == (RECEIVED, "succeeded", 2)
    told = await packing.told()
    assert {one["tracking_number"] for one in told} == {"1ZP1", "1ZP2"}
    assert {row["state"] for row in await packing.rows()} == {"synced"}
    tasks = await packing.shop.tasks()
    assert tasks[WRITE_BACK, "succeeded"] == 2

    await packing.taken(package("P1", tracking_number="1ZNEW"))
    assert {one["tracking_number"] for one in await packing.told()} == {"1ZNEW", "1ZP2"}

    await packing.taken({"id": "P2", "void": True})
    by_number = {one["tracking_number"]: one["status"] for one in await packing.told()}
    assert by_number == {"1ZNEW": "success", "1ZP2": "cancelled"}
    assert [row["state"] for row in await packing.rows()] == ["synced", "voided"]

    await packing.taken(package("P5", units=2))
    assert len(await packing.told()) == 3
    over = await packing.taken(package("P6"), shipment_id="S-2")
    assert over["state"] == "failed"
    assert "package 'P6': items.0.quantity is 1, but 0 of SKU 'SL-001' are left" in over["error_message"]


async def test_a_report_that_comes_again_or_says_nothing_makes_nothing(shared_stack: Stack) -> None:
    packing = await open_packing(shared_stack)
    await packing.taken(package("P1"))
    again = await packing.report(package("P1"), note="said again")
    assert again.json()["shipment_id"] == "S-1"
    refused = await packing.report(package("P2", label=None))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "label")
    await packing.shop.quiet(again.json()["task_id"])
    assert len(await packing.told()) == 1
    assert len(await packing.rows()) == 1


async def test_what_shipping_software_signs_is_told_as_well(shared_stack: Stack) -> None:
    lines = [{"sku": "SL-001", "quantity": 1}]
    async with shared_stack.sandbox() as sandbox:
        bought = await sandbox.post("/control/shop/orders", json={"lines": lines, "paid": True})
        order = bought.raise_for_status().json()
        report = {"order": {"id": order["id"]}, "packages": [package("P1")]}
        sent = (await sandbox.post("/control/packing/send", json={"body": report, "times": 2})).json()["sent"]
    assert {answer["status"] for answer in sent[0]["answers"]} == {200}

    async def is_told() -> bool:
        query = "SELECT state FROM store.shipments WHERE order_id = $1"
        return [row["state"] for row in await shared_stack.fetch(query, str(order["id"]))] == ["synced"]

    await until(is_told, "the shop is told of the package")
