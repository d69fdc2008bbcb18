"""A seller of a test's own at the sandbox's eBay, and the account that is connected to it."""

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
from shared.envelope import Call, Payload, TaskHeader
from shared.handling import Run
from shared.marketplaces.ebay import Uses
from shared.tasks import TaskType
from shared.vault import Vault
from tests.factories import header
from tests.integration.sync_worker.world import add_shop
from writeback.clients.systems import Systems, build_systems
from writeback.targets.ebay import open_ebay
from writeback.targets.port import Line, Package, Target

READ_TIMEOUT_S = 1.0
FULFIL = "POST /sell/fulfillment/v1/order/{id}/shipping_fulfillment"


@dataclass
class EbaySelling:
    """`name`: what the sandbox calls the seller; `calls`: what was asked of eBay, in order."""

    pool: asyncpg.Pool
    systems: Systems
    control: httpx.AsyncClient
    name: str
    shop_id: int
    account_id: int
    uses: Uses
    calls: list[Call]

    async def say(self, method: str, path: str, body: Any = None) -> Any:
        """Tells the seller's control API something."""
        answer = await self.control.request(method, f"/ebay/{self.name}/{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def sold(self, **wish: Any) -> dict[str, Any]:
        lines = [{"sku": "EBY-001", "quantity": 2}, {"sku": "EBY-002", "quantity": 1}]
        placed = await self.say("POST", "orders", {"lines": lines, **wish})
        order: dict[str, Any] = placed["orders"][0]
        return order

    async def held(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """What eBay has of the order."""
        shown: dict[str, Any] = await self.say("GET", f"orders/{order['order_id']}")
        return shown

    async def counts(self) -> dict[str, int]:
        counted: dict[str, int] = await self.say("GET", "counts")
        return counted

    async def fault(self, fault: str, *, system: str = "ebay", **rule: Any) -> None:
        """The next request that would tell of a package meets it, or the one the rule says."""
        if system == "ebay" and not rule.keys() & {"route", "operation"}:
            rule |= {"operation": "CompleteSale"} if self.uses is Uses.TRADING else {"route": FULFIL}
        delay_ms = 1_400 if fault == "slow" else None
        rules = [{"system": system, "fault": fault, "times": 1, "delay_ms": delay_ms, **rule}]
        (await self.control.put("/faults", json=rules)).raise_for_status()

    async def settle(self, **settings: Any) -> None:
        """Changes settings of the account."""
        statement = "UPDATE store.accounts SET settings = settings || $1 WHERE id = $2"
        await self.pool.execute(statement, settings, self.account_id)

    def task(self, type_: TaskType = TaskType.CHECK_ACCOUNT) -> TaskHeader:
        return header(type=type_, shop_id=self.shop_id, account_id=self.account_id)

    async def target(self) -> Target:
        return await open_ebay(self.systems.ebay, self.pool, self.task())

    def run(self, type_: TaskType, payload: bytes = b"") -> Run:
        run = Run(self.task(type_), Payload(body=payload), 1, False, self.pool)
        run.observe_calls()
        return run

    def package(self, order: Mapping[str, Any], **changes: Any) -> Package:
        """The order's first line in one package, in the words of the interface that is used."""
        facts: dict[str, Any] = {
            "id": uuid4(),
            "order_id": order["order_id"],
            "number": 1,
            "carrier": "DHL Paket",
            "service": None,
            "tracking_numbers": ("JJD 00-99",),
            "tracking_url": None,
            "shipped_at": datetime(2026, 11, 21, 8, tzinfo=UTC),
            "lines": (self.line(order, 0),),
        }
        return Package(**(facts | changes))

    def line(self, order: Mapping[str, Any], place: int, quantity: int | None = None) -> Line:
        line = order["lines"][place]
        line_id = line["order_line_item_id" if self.uses is Uses.TRADING else "id"]
        return Line(line_id, line["sku"], quantity or line["quantity"])


@asynccontextmanager
async def open_ebay_selling(
    database_url: str, outside_url: str, control: httpx.AsyncClient, uses: Uses
) -> AsyncIterator[EbaySelling]:
    """A seller and its account, whose calls are kept."""
    name, vault = f"seller-{uuid4().hex[:8]}", Vault(Fernet.generate_key().decode())
    known = {"client_id": f"client-{name}", "client_secret": "secret", "refresh_token": f"v^1.1#{name}"}
    (await control.patch(f"/ebay/{name}/terms", json=known)).raise_for_status()
    client = build_http_client(connections=30, read_timeout_s=READ_TIMEOUT_S)
    async with client, await open_pool(database_url, max_size=10) as pool:
        shop_id = await add_shop(pool)
        account_id: int = await pool.fetchval(
            "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials, settings) "
            "VALUES ($1, 'ebay', $2, $3, $4, $5) RETURNING id",
            shop_id,
            name,
            f"{outside_url}/ebay",
            vault.seal(orjson.dumps(known)),
            {"uses": uses.value, "site_id": 77},
        )
        systems = build_systems(client, vault)
        selling = EbaySelling(pool, systems, control, name, shop_id, account_id, uses, [])
        selling.calls = selling.run(TaskType.CHECK_ACCOUNT).calls
        yield selling
