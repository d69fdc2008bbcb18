"""A seller of a test's own at the sandbox's Amazon, and the account that is connected to it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import orjson
from cryptography.fernet import Fernet

from shared.clients.http import build_http_client
from shared.db.pool import open_pool
from shared.envelope import Call, Payload
from shared.handling import Run
from shared.tasks import TaskType
from shared.vault import Vault
from tests.factories import header
from tests.integration.sync_worker.world import add_shop
from writeback.clients.amazon import AmazonSellers
from writeback.targets.amazon import AmazonTarget, open_amazon
from writeback.targets.port import Line, Package

MARKETPLACE = "A1PA6795UKMFR9"
READ_TIMEOUT_S = 1.0
OPERATIONS = ("confirmShipment", "getOrder", "searchOrders", "searchCatalogItems")
PLENTY = {"per_second": 1000, "burst": 1000}


@dataclass
class Selling:
    """`name`: what the sandbox calls the seller; `calls`: what was asked of Amazon, in order."""

    pool: asyncpg.Pool
    sellers: AmazonSellers
    control: httpx.AsyncClient
    name: str
    shop_id: int
    account_id: int
    calls: list[Call]

    async def say(self, method: str, path: str, **body: Any) -> Any:
        """Tells the seller's control API something."""
        answer = await self.control.request(method, f"/amazon/{self.name}/{path}", json=body or None)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def sold(self, **wish: Any) -> dict[str, Any]:
        items = [{"sku": "AMZ-001", "quantity": 2}, {"sku": "AMZ-002", "quantity": 1}]
        placed = await self.say("POST", "orders", **{"items": items, **wish})
        order: dict[str, Any] = placed["orders"][0]
        return order

    async def packages(self, order: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What Amazon has of the order."""
        shown = await self.say("GET", f"orders/{order['order_id']}")
        return list(shown["packages"])

    async def counts(self) -> dict[str, int]:
        counted: dict[str, int] = await self.say("GET", "counts")
        return counted

    async def fault(self, fault: str, route: str = "*", *, system: str = "amazon", **rule: Any) -> None:
        """The next request meets it."""
        rules = [{"system": system, "route": route, "fault": fault, "times": 1, **rule}]
        (await self.control.put("/faults", json=rules)).raise_for_status()

    async def target(self) -> AmazonTarget:
        task = header(type=TaskType.CHECK_ACCOUNT, shop_id=self.shop_id, account_id=self.account_id)
        return await open_amazon(self.sellers, self.pool, task)

    def run(self, type_: TaskType, payload: bytes = b"") -> Run:
        task = header(type=type_, shop_id=self.shop_id, account_id=self.account_id)
        run = Run(task, Payload(body=payload), 1, False, self.pool, self.calls)
        run.observe_calls()
        return run

    def watch(self) -> None:
        """From here on, calls of this test are kept."""
        self.run(TaskType.CHECK_ACCOUNT)


def package_of(order: Mapping[str, Any], **changes: Any) -> Package:
    """The order's first line in one package."""
    facts: dict[str, Any] = {
        "id": uuid4(),
        "order_id": order["order_id"],
        "number": 1,
        "carrier": "DHL",
        "service": "Paket",
        "tracking_numbers": ("JJD0099",),
        "tracking_url": None,
        "shipped_at": datetime(2026, 11, 21, 8, tzinfo=UTC),
        "lines": (Line(order["items"][0]["id"], "AMZ-001", order["items"][0]["quantity"]),),
        "marketplace": order["marketplace_id"],
    }
    return Package(**(facts | changes))


@asynccontextmanager
async def open_selling(
    database_url: str, outside_url: str, control: httpx.AsyncClient
) -> AsyncIterator[Selling]:
    """A seller with plenty of quota, and its account."""
    name, vault = f"seller-{uuid4().hex[:8]}", Vault(Fernet.generate_key().decode())
    known = {"client_id": f"client-{name}", "client_secret": "secret", "refresh_token": f"Atzr|{name}"}
    terms = {**known, "marketplace_ids": [MARKETPLACE], "limits": dict.fromkeys(OPERATIONS, PLENTY)}
    (await control.patch(f"/amazon/{name}/terms", json=terms)).raise_for_status()
    client = build_http_client(connections=30, read_timeout_s=READ_TIMEOUT_S)
    async with client, await open_pool(database_url, max_size=10) as pool:
        shop_id = await add_shop(pool)
        settings = {
            "marketplace_ids": [MARKETPLACE],
            "auth_url": f"{outside_url}/amazon-login/auth/o2/token",
        }
        account_id: int = await pool.fetchval(
            "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials, settings) "
            "VALUES ($1, 'amazon', $2, $3, $4, $5) RETURNING id",
            shop_id,
            name,
            f"{outside_url}/amazon",
            vault.seal(orjson.dumps(known)),
            settings,
        )
        selling = Selling(pool, AmazonSellers(client, vault), control, name, shop_id, account_id, [])
        selling.watch()
        yield selling
