"""What the shop never told is found by asking it; what stopped it from telling is mended."""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.acceptance.stack import Stack
from tests.waiting import until

pytestmark = [pytest.mark.acceptance, pytest.mark.long]

OFTEN_S = 10
MISSED = """
    SELECT kind, sum(n)::int AS n FROM store.missed_webhooks m JOIN store.shops s ON s.id = m.shop_id
    WHERE s.domain = $1 GROUP BY 1
"""
CLOSE = "UPDATE store.shops SET is_active = false WHERE domain = $1"
TASKS = """
    SELECT t.state, t.summary, t.error_kind, t.order_number, t.task_id::text FROM ledger.tasks t
    JOIN store.shops s ON s.id = t.shop_id WHERE s.domain = $1 AND t.type = $2 ORDER BY t.task_id
"""


@dataclass(frozen=True)
class Merchant:
    """A shop of the story's own, in the sandbox and in the product."""

    stack: Stack
    domain: str

    async def say(self, method: str, path: str, **body: Any) -> Any:
        async with self.stack.sandbox() as sandbox:
            answer = await sandbox.request(method, f"/control/shops/{self.domain}/{path}", json=body or None)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def sell(self) -> dict[str, Any]:
        """An order of which no webhook tells, of a guest who can be reached."""
        buyer, lines = f"{uuid.uuid4().hex}@guest.example", [{"sku": "G4C-000001", "quantity": 1}]
        wish = {"email": buyer, "lines": lines, "paid": True, "tell": False}
        order: dict[str, Any] = await self.say("POST", "orders", **wish)
        return order

    async def tasks(self, task_type: str) -> list[dict[str, Any]]:
        rows = await self.stack.fetch(TASKS, self.domain, task_type)
        return [{**row, "summary": json.loads(row["summary"] or "null")} for row in rows]

    async def missed(self) -> dict[str, int]:
        return {row["kind"]: row["n"] for row in await self.stack.fetch(MISSED, self.domain)}

    async def has_receipt(self, order: dict[str, Any]) -> bool:
        async with self.stack.sandbox() as sandbox:
            found = await sandbox.get(f"/control/engage/receipts?receiptNumber={order['name'].lstrip('#')}")
        return len(found.json()["receipts"]) == 1


@asynccontextmanager
async def merchant(stack: Stack) -> AsyncIterator[Merchant]:
    """Its Admin API and its subscriptions are asked every few seconds, until its story ends."""
    domain, token = f"missed-{uuid.uuid4().hex[:8]}.myshopify.com", uuid.uuid4().hex
    secret, url = uuid.uuid4().hex, stack.facts["sandbox_url"]
    async with stack.sandbox() as sandbox:
        opened = await sandbox.put(f"/control/shops/{domain}", json={"secret": secret, "access_token": token})
        opened.raise_for_status()
    owner = ("--name", "Missed", "--email", "owner@missed.example", "--webhook-secret", secret)
    await stack.cli("shops", "add", "--domain", domain, *owner)
    key = json.loads((stack.data / "secrets.json").read_text())["engage_api_key"]
    engage = ("--kind", "engage", "--name", "CRM", "--base-url", f"{url}/engage", "--api-key", key)
    await stack.cli("accounts", "add", "--shop", domain, *engage, "--setting", "store_external_id=ecom")
    often = dict.fromkeys(
        ("IndexOrders", "IndexShopCustomers", "CheckWebhookSubscriptions", "SyncShopCurrency"), OFTEN_S
    )
    shopify = ("--kind", "shopify", "--name", "Shop", "--base-url", f"{url}/shopify/{domain}")
    settings = ("--setting", f"schedules={json.dumps(often)}", "--setting", "poll_grace_s=0")
    await stack.cli("accounts", "add", "--shop", domain, *shopify, "--access-token", token, *settings)
    yield Merchant(stack, domain)
    await stack.fetch(CLOSE, domain)


@pytest.fixture
async def shop(shared_stack: Stack) -> AsyncIterator[Merchant]:
    async with merchant(shared_stack) as one:
        yield one


async def test_an_order_whose_webhook_was_never_sent_ends_in_the_crm(shop: Merchant) -> None:
    order = await shop.sell()
    await until(lambda: shop.has_receipt(order), "the receipt is in the CRM")
    assert await shop.missed() == {"orders": 1}
    polls = [task["summary"] for task in await shop.tasks("IndexOrders") if task["summary"]]
    assert {"orders": 1} in [poll["missed"] for poll in polls]
    (indexed,) = await shop.tasks("IndexOrder")
    assert (indexed["state"], indexed["order_number"]) == ("succeeded", order["name"])


async def test_a_customer_nobody_told_of_ends_in_the_crm(shop: Merchant) -> None:
    customer = await shop.say("POST", "customers", first_name="Kim", email="kim@missed.example", tell=False)

    async def is_known() -> bool:
        async with shop.stack.sandbox() as sandbox:
            found = await sandbox.get(f"/control/engage/contacts?externalId={customer['id']}")
        return [contact["firstName"] for contact in found.json()["contacts"]] == ["Kim"]

    await until(is_known, "the contact is in the CRM")
    assert await shop.missed() == {"customers": 1}
    async with shop.stack.api() as api:
        listed = (await api.get(f"/missed-webhooks?shop={shop.domain}")).json()["missed_webhooks"]
    assert [(entry["kind"], entry["count"]) for entry in listed] == [("customers", 1)]


async def test_the_shop_its_currency_and_the_crms_stores_are_known(shop: Merchant) -> None:
    known = "SELECT name, email, currency, timezone FROM store.shops WHERE domain = $1"
    stores = """
        SELECT c.external_id FROM store.crm_stores c JOIN store.accounts a ON a.id = c.account_id
        JOIN store.shops s ON s.id = a.shop_id WHERE s.domain = $1
    """

    async def facts() -> dict[str, Any]:
        (row,) = await shop.stack.fetch(known, shop.domain)
        return row

    async def is_asked() -> bool:
        is_listed = bool(await shop.stack.fetch(stores, shop.domain))
        return is_listed and (await facts())["currency"] == "SEK"

    await until(is_asked, "the clock has asked the shop and the CRM")
    assert await shop.stack.fetch(stores, shop.domain) == [{"external_id": "ecom"}]
    wanted = {"name": "Renamed", "email": "new@missed.example", "iana_timezone": "Asia/Tokyo"}
    await shop.say("PATCH", "profile", **wanted)

    async def is_told() -> bool:
        return bool((await facts())["timezone"] == "Asia/Tokyo")

    await until(is_told, "the shop has told of its new settings")
    assert await facts() == {
        "name": "Renamed",
        "email": "new@missed.example",
        "currency": "SEK",
        "timezone": "Asia/Tokyo",
    }
    for task_type in ("IndexStores", "SyncShopCurrency", "ShopWebhook"):
        states = {task["state"] for task in await shop.tasks(task_type)}
        assert (task_type, "succeeded" in states, "failed" in states) == (task_type, True, False)


async def test_a_deleted_subscription_is_made_again(shop: Merchant) -> None:
    async def subscribed() -> set[str]:
        return {one["topic"] for one in (await shop.say("GET", "subscriptions"))["subscriptions"]}

    async def made() -> list[list[str]]:
        checks = await shop.tasks("CheckWebhookSubscriptions")
        return [task["summary"]["made"] for task in checks if task["summary"]]

    await until(made, "the shop was subscribed to at first")
    topics = await subscribed()
    assert {"orders/updated", "refunds/create", "shop/update"} <= topics
    await shop.say("DELETE", "subscriptions/orders/updated")
    assert await subscribed() == topics - {"orders/updated"}

    async def is_told() -> bool:
        return ["orders/updated"] in await made()

    await until(is_told, "a check says what was gone")
    assert await subscribed() == topics


async def test_a_throttled_shop_waits_while_another_goes_on(shared_stack: Stack) -> None:
    async with merchant(shared_stack) as slow, merchant(shared_stack) as fast:
        await _one_waits_while_the_other_goes_on(slow, fast)


async def _one_waits_while_the_other_goes_on(slow: Merchant, fast: Merchant) -> None:
    await slow.say("PATCH", "admin", bucket_size=1000, restore_rate=8)
    await slow.say("PUT", "admin/bucket", available=0)
    orders = [await slow.sell(), await fast.sell()]

    async def is_waiting() -> bool:
        return any(task["error_kind"] == "rate_limit" for task in await slow.tasks("IndexOrders"))

    await until(is_waiting, "the slow shop's poll waits for its budget")

    async def other_goes_on() -> bool:
        await slow.say("PUT", "admin/bucket", available=0)  # its waits are short, so that the last one is too
        return await fast.has_receipt(orders[1])

    await until(other_goes_on, "the fast shop's order is in the CRM")
    assert await slow.missed() == {}
    await slow.say("PATCH", "admin", restore_rate=1000)
    await until(lambda: slow.has_receipt(orders[0]), "the slow shop's order is in the CRM at last")
    assert await slow.missed() == {"orders": 1}
