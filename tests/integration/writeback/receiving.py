"""A shop with orders at several places, and messages of its shipping software."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from shared.envelope import Payload
from shared.handling import Outcome, Run
from shared.tasks import TaskType
from tests.factories import header
from writeback.handlers.received import receive_shipment

ORDERED_AT = datetime.now(UTC) - timedelta(days=2)
OWN_LINES = (
    {"id": "11", "sku": "TENT", "quantity": 3, "current_quantity": 2},
    {"id": "12", "sku": "PEG", "quantity": 10},
)


@dataclass
class Desk:
    """Where messages arrive. Each is a minute newer than the one before."""

    pool: asyncpg.Pool
    shop_id: int
    clock: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def account(self, kind: str = "shopify", name: str = "Shop", **settings: str) -> int:
        account_id: int = await self.pool.fetchval(
            "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials, settings) "
            "VALUES ($1, $2, $3, 'http://127.0.0.1:9', '', $4) RETURNING id",
            self.shop_id,
            kind,
            name,
            settings,
        )
        return account_id

    async def own_order(self, number: str = "#1042", source_id: str = "5523", **data: Any) -> None:
        content = {"id": source_id, "line_items": OWN_LINES, "created_at": ORDERED_AT.isoformat(), **data}
        await self.pool.execute(
            "INSERT INTO store.orders (shop_id, source_id, order_number, data) VALUES ($1, $2, $3, $4)",
            self.shop_id,
            source_id,
            number,
            content,
        )

    async def marketplace_order(self, account_id: int, source_id: str, *, is_shippable: bool = True) -> None:
        await self.pool.execute(
            "INSERT INTO store.marketplace_orders (account_id, source_id, shop_id, order_number, status, "
            "is_shippable, items, ordered_at, updated_at) "
            "VALUES ($1, $2, $3, $2, 'UNSHIPPED', $4, $5, $6, $6)",
            account_id,
            source_id,
            self.shop_id,
            is_shippable,
            [{"id": "A-1", "sku": "TENT", "title": "Tent", "quantity": 2}],
            ORDERED_AT,
        )

    def run(self, message: Any, **fields: Any) -> Run:
        self.clock += timedelta(minutes=1)
        task = header(
            type=TaskType.SHIPMENT_RECEIVED, shop_id=self.shop_id, **{"queued_at": self.clock, **fields}
        )
        return Run(task, Payload(body=orjson.dumps(message)), 1, is_uncertain=False, pool=self.pool)

    async def receive(self, message: Any, **fields: Any) -> Outcome:
        """One attempt, committed; raises what the handler raises."""
        run = self.run(message, **fields)
        try:
            outcome = await receive_shipment(run)
        except BaseException:
            await run.end(commit=False)
            raise
        await run.end(commit=True)
        return outcome

    async def rows(self) -> list[asyncpg.Record]:
        query = (
            "SELECT * FROM store.shipments WHERE shop_id = $1 ORDER BY account_id, order_id, package_number"
        )
        return list(await self.pool.fetch(query, self.shop_id))

    async def row(self, package_id: str = "P1") -> asyncpg.Record:
        [row] = [row for row in await self.rows() if row["package_id"] == package_id]
        return row

    async def is_told(self, row_id: UUID, state: str) -> None:
        """As a write-back leaves it."""
        await self.pool.execute(
            "UPDATE store.shipments SET state = $2, told_version = version WHERE id = $1", row_id, state
        )

    async def standing(self) -> asyncpg.Record:
        row = await self.pool.fetchrow("SELECT * FROM store.shipped_orders WHERE shop_id = $1", self.shop_id)
        assert row is not None
        return row


def package(package_id: str = "P1", *, units: int = 1, sku: str = "TENT", **changes: Any) -> dict[str, Any]:
    return {
        "id": package_id,
        "label": f"L-{package_id}",
        "carrier": "UPS",
        "tracking_number": f"1Z-{package_id}",
        "shipped_at": datetime.now(UTC).isoformat(),
        "items": [{"sku": sku, "quantity": units}],
        **changes,
    }


def message(*packages: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"order": {"number": "1042"}, "shipment_id": "S-1", "packages": packages, **changes}
