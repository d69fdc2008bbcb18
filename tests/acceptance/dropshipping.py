"""A merchant with a supplier: both of the story's own, in the sandbox and in the product."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.acceptance.shop import deliver
from tests.acceptance.stack import Stack
from tests.waiting import until

PATIENCE_S = 60
EXAMPLES = Path(__file__).parents[2] / "docs" / "suppliers"
PREFIX = {"gate4cards": "G4C", "trinavo": "TRI"}
STYLE = {"gate4cards": "bearer", "trinavo": "keys"}
TOKENS = {"token": "right-token", "token2": "right-token-2"}
ADDRESS = {
    "first_name": "Kim",
    "last_name": "Åberg",
    "address1": "Storgatan 1",
    "zip": "211 34",
    "city": "Malmö",
    "country_code": "SE",
    "phone": "+46700000000",
}
_OFF = {"auto_publish_order": False, "auto_update_order_status": False, "auto_update_product_data": False}


@dataclass(frozen=True)
class Merchant:
    """`supplier` is the supplier's name in the sandbox, `like` the example its API is like."""

    stack: Stack
    api: httpx.AsyncClient
    sandbox: httpx.AsyncClient
    domain: str
    secret: str
    supplier: str
    like: str
    account_id: str

    @property
    def sku(self) -> str:
        return f"{PREFIX[self.like]}-000001"

    async def change(self, **change: Any) -> None:
        """Changes the supplier's account."""
        (await self.api.patch(f"/accounts/{self.account_id}", json=change)).raise_for_status()

    async def account(self) -> dict[str, Any]:
        account: dict[str, Any] = (await self.api.get(f"/accounts/{self.account_id}")).json()["account"]
        return account

    async def tried(self) -> dict[str, Any]:
        """How the trial of the account went."""
        return dict((await self.api.post(f"/accounts/{self.account_id}/test")).json())

    async def terms(self, **terms: Any) -> None:
        """Changes how the supplier is."""
        answer = await self.sandbox.patch(f"/control/supplier/{self.supplier}/terms", json=terms)
        answer.raise_for_status()

    async def fault(self, route: str, fault: str, **rule: Any) -> None:
        """The next such request to this supplier meets it; `route` without the supplier's name."""
        method, _, path = route.partition(" ")
        place = {"system": "supplier", "route": f"{method} /{self.supplier}{path}"}
        rules = [{**place, "fault": fault, "times": 1, **rule}]
        (await self.sandbox.put("/control/faults", json=rules)).raise_for_status()

    async def act(self, action: str) -> list[str]:
        """Presses a button; the ids of the tasks it started."""
        answer = await self.api.post(f"/actions/{action}", json={"account_id": self.account_id})
        assert answer.status_code == 202, answer.text
        return [task["id"] for task in answer.json()["tasks"]]

    async def ended(self, task_id: str, timeout_s: float = PATIENCE_S) -> dict[str, Any]:
        """The task once it is over."""
        return await self.task_when(task_id, lambda task: task["state"] in ("succeeded", "failed"), timeout_s)

    async def task_when(
        self, task_id: str, holds: Callable[[dict[str, Any]], bool], timeout_s: float = PATIENCE_S
    ) -> dict[str, Any]:
        async with asyncio.timeout(timeout_s):
            while True:
                answer = await self.api.get(f"/tasks/{task_id}")
                if answer.status_code == 200 and holds(task := answer.json()["task"]):
                    return dict(task)
                await asyncio.sleep(0.2)

    async def acted(self, action: str) -> dict[str, Any]:
        """Presses a button that starts one task; that task once it is over."""
        (task_id,) = await self.act(action)
        return await self.ended(task_id)

    async def fetched_products(self, timeout_s: float = PATIENCE_S) -> dict[str, Any]:
        """Fetch All Products; the task of the last slice."""
        (task_id,) = await self.act("fetch-all-products")
        task = await self.ended(task_id, timeout_s)
        while task["follow_ups"]:
            task = await self.ended(task["follow_ups"][0]["id"], timeout_s)
        return task

    async def sell(self, *skus: str, **changes: Any) -> dict[str, Any]:
        """A paid order that the shop has and whose webhook was taken; the order as the shop says it."""
        lines = [{"sku": sku, "quantity": 2} for sku in skus or (self.sku,)]
        wanted = {"lines": lines, "paid": True, "tell": False}
        made = await self.sandbox.post(f"/control/shops/{self.domain}/orders", json=wanted)
        found = await self.sandbox.get(f"/control/shops/{self.domain}/orders/{made.json()['id']}")
        order = found.json() | {"shipping_address": ADDRESS} | changes
        await self.tell("orders/paid", json.dumps(order).encode())
        return dict(order)

    async def tell(self, topic: str, body: bytes) -> None:
        """Until ingest knows the shop, which was made a moment ago."""
        shop = {"domain": self.domain, "webhook_secret": self.secret}
        async with asyncio.timeout(PATIENCE_S):
            while (await deliver(self.stack, topic, body, shop=shop)).status_code != 200:
                await asyncio.sleep(0.2)

    async def publication(self, order: dict[str, Any]) -> dict[str, Any]:
        """The PublishOrder task of an order, once it is over."""
        query = (
            "SELECT t.task_id::text FROM ledger.tasks t JOIN store.shops s ON s.id = t.shop_id "
            "WHERE s.domain = $1 AND t.type = 'PublishOrder' AND t.source_id = $2 ORDER BY t.task_id DESC"
        )

        async def found() -> list[dict[str, Any]]:
            return await self.stack.fetch(query, self.domain, str(order["id"]))

        await until(found, "the order is on its way to the supplier")
        return await self.ended((await found())[0]["task_id"])

    async def stored(self, order: dict[str, Any]) -> None:
        """Until the order is stored."""
        query = (
            "SELECT 1 FROM store.orders o JOIN store.shops s ON s.id = o.shop_id "
            "WHERE s.domain = $1 AND o.source_id = $2 AND o.data IS NOT NULL"
        )
        await until(lambda: self.stack.fetch(query, self.domain, str(order["id"])), "the order is stored")

    async def supplier_orders(self) -> list[dict[str, Any]]:
        """As the supplier has them."""
        answer = await self.sandbox.get(f"/control/supplier/{self.supplier}/orders")
        orders: list[dict[str, Any]] = answer.json()["orders"]
        return orders

    async def move_orders(self, stage: str) -> None:
        path = f"/control/supplier/{self.supplier}/orders/*/move"
        (await self.sandbox.post(path, json={"stage": stage})).raise_for_status()

    async def shops_order(self, order: dict[str, Any]) -> dict[str, Any]:
        found = await self.sandbox.get(f"/control/shops/{self.domain}/orders/{order['id']}")
        return dict(found.json())

    async def known_orders(self) -> list[dict[str, Any]]:
        """As we have them."""
        query = "SELECT * FROM store.supplier_orders WHERE account_id = $1 ORDER BY order_id"
        return await self.stack.fetch(query, int(self.account_id))


@asynccontextmanager
async def merchant(
    stack: Stack, like: str = "gate4cards", *, products: int = 30, **options: Any
) -> AsyncIterator[Merchant]:
    """`options` are settings of the supplier's account; nothing runs by itself unless they say so."""
    mark = uuid.uuid4().hex[:8]
    domain, secret, access_token = f"drop-{mark}.myshopify.com", uuid.uuid4().hex, uuid.uuid4().hex
    async with stack.sandbox() as sandbox, stack.api() as api:
        shop = {"secret": secret, "access_token": access_token}
        (await sandbox.put(f"/control/shops/{domain}", json=shop)).raise_for_status()
        supplier = f"{like}-{mark}"
        terms: dict[str, Any] = {"style": STYLE[like], "prefix": PREFIX[like], **TOKENS}
        terms |= {"products": products, "step_s": None}
        (await sandbox.patch(f"/control/supplier/{supplier}/terms", json=terms)).raise_for_status()
        owner = ("--name", "Drop", "--email", "owner@drop.example", "--webhook-secret", secret)
        await stack.cli("shops", "add", "--domain", domain, *owner)
        url = stack.facts["sandbox_url"]
        admin = ("--kind", "shopify", "--name", "Shop", "--base-url", f"{url}/shopify/{domain}")
        none = ("--setting", 'schedules={"IndexOrders": 0, "IndexShopCustomers": 0, "CheckAccount": 0}')
        await stack.cli("accounts", "add", "--shop", domain, *admin, "--access-token", access_token, *none)
        settings = json.loads((EXAMPLES / f"{like}.json").read_text()) | _OFF | options
        settings["schedules"] = {"CheckAccount": 0, **options.get("schedules", {})}
        wanted = {
            "shop": domain,
            "kind": "supplier",
            "name": f"{like.capitalize()} - Primary",
            "base_url": f"{url}/supplier/{supplier}",
            "credentials": TOKENS,
            "settings": settings,
        }
        made = await api.post("/accounts", json=wanted)
        assert made.status_code == 201, made.text
        account_id = made.json()["account"]["id"]
        yield Merchant(stack, api, sandbox, domain, secret, supplier, like, account_id)
        await sandbox.delete("/control/faults")
