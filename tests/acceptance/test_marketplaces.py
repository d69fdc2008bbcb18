"""Orders of a marketplace are read by the clock, and what shipping software reports is told there."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.tasks import TaskType
from tests.acceptance.importing import Merchant, merchant
from tests.acceptance.stack import Stack
from tests.waiting import until

pytestmark = pytest.mark.acceptance

ORDERS, PRODUCTS = TaskType.FETCH_MARKETPLACE_ORDERS, TaskType.FETCH_MARKETPLACE_PRODUCTS
MARKETPLACE = "A1PA6795UKMFR9"
PLENTY = {"per_second": 1000, "burst": 1000}
LIMITS = dict.fromkeys(("confirmShipment", "getOrder", "searchOrders", "searchCatalogItems"), PLENTY)
AGAIN = "UPDATE store.schedules SET next_at = now() WHERE shop_id = $1 AND type = $2 RETURNING id"
KNOWN = "SELECT source_id, status FROM store.marketplace_orders WHERE shop_id = $1"
LISTED = "SELECT sku, weight_grams, image_url FROM store.listings WHERE shop_id = $1 ORDER BY sku"
SHIPPED = "SELECT state, target_id FROM store.shipments WHERE shop_id = $1 ORDER BY package_number"


@dataclass(frozen=True)
class AmazonSeller:
    """A merchant's shop whose owner sells at Amazon too. `name`: what the sandbox calls the seller."""

    shop: Merchant
    name: str

    async def say(self, method: str, path: str, **body: Any) -> Any:
        async with self.shop.stack.sandbox() as sandbox:
            answer = await sandbox.request(method, f"/control/amazon/{self.name}/{path}", json=body or None)
        answer.raise_for_status()
        return answer.json()

    async def read(self, type_: TaskType) -> None:
        """As when its time has come."""

        async def is_due() -> bool:
            return bool(await self.shop.fetch(AGAIN, type_.value))

        done = (await self.shop.tasks()).get((type_, "succeeded"), 0)
        await until(is_due, f"{type_} is planned")

        async def is_done() -> bool:
            return (await self.shop.tasks()).get((type_, "succeeded"), 0) > done

        await until(is_done, f"{type_} is done")

    async def report(self, order: dict[str, Any], *packages: dict[str, Any]) -> None:
        """What shipping software says of an order."""
        body = {"order": {"id": order["order_id"]}, "shipment_id": "S-1", "packages": packages}
        headers = {"Authorization": f"Bearer {self.shop.stack.facts['token']}"}
        async with self.shop.stack.ingest() as ingest:
            answer = await ingest.post(f"/shipments/{self.shop.domain}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text


async def _seller(stack: Stack) -> AmazonSeller:
    shop, url = await merchant(stack, with_crm=False), stack.facts["sandbox_url"]
    seller = AmazonSeller(shop, f"seller-{uuid.uuid4().hex[:8]}")
    known = {"client_id": seller.name, "client_secret": "secret", "refresh_token": f"Atzr|{seller.name}"}
    await seller.say("PATCH", "terms", **known, marketplace_ids=[MARKETPLACE], limits=LIMITS)
    given = [part for name, value in known.items() for part in (f"--{name.replace('_', '-')}", value)]
    settings = {"marketplace_ids": [MARKETPLACE], "auth_url": f"{url}/amazon-login/auth/o2/token"}
    texts = [part for name, value in settings.items() for part in ("--setting", f"{name}={_text(value)}")]
    account = ("--shop", shop.domain, "--kind", "amazon", "--name", "Amazon", "--base-url", f"{url}/amazon")
    await stack.cli("accounts", "add", *account, *given, *texts)
    return seller


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _package(package_id: str, item: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": package_id,
        "label": f"LBL-{package_id}",
        "carrier": "DHL",
        "tracking_number": f"JJD{package_id}",
        "shipped_at": datetime.now(UTC).isoformat(),
        "items": [{"sku": item["sku"], "quantity": item["quantity"]}],
        **changes,
    }


async def test_an_amazon_order_is_read_and_its_packages_are_confirmed(shared_stack: Stack) -> None:
    seller = await _seller(shared_stack)
    items = [{"sku": "AMZ-001", "quantity": 2}, {"sku": "AMZ-002", "quantity": 1}]
    (order,) = (await seller.say("POST", "orders", items=items))["orders"]
    await seller.read(ORDERS)
    await seller.read(PRODUCTS)
    assert await seller.shop.fetch(KNOWN) == [{"source_id": order["order_id"], "status": "UNSHIPPED"}]
    image = "https://images.example/AMZ-001.jpg"
    first = {"sku": "AMZ-001", "weight_grams": 125.0, "image_url": image}
    assert (await seller.shop.fetch(LISTED))[0] == first

    packages = [_package("P1", order["items"][0]), _package("P2", order["items"][1], carrier="PostNord")]
    await seller.report(order, *packages)

    async def are_told() -> bool:
        rows = await seller.shop.fetch(SHIPPED)
        return len(rows) == 2 and all(row["state"] == "synced" for row in rows)

    await until(are_told, "both packages are told")
    told = await seller.say("GET", f"orders/{order['order_id']}")
    assert told["status"] == "SHIPPED"
    assert [(one["reference"], one["tracking_number"]) for one in told["packages"]] == [
        ("1", "JJDP1"),
        ("2", "JJDP2"),
    ]
    assert [one["carrier_name"] for one in told["packages"]] == [None, "PostNord"]
    assert (await seller.say("GET", "counts"))["confirmations"] == 2
    await seller.read(ORDERS)
    assert (await seller.shop.fetch(KNOWN))[0]["status"] == "SHIPPED"
