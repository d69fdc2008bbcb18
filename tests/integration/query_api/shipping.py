"""Shipments of a shop's accounts, as intake and write-back leave them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from shared.identity import new_task_id

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def add_account(
    pool: asyncpg.Pool, shop_id: int, kind: str = "amazon", name: str = "Amazon EU", **settings: Any
) -> int:
    account_id: int = await pool.fetchval(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials, settings) "
        "VALUES ($1, $2, $3, 'http://127.0.0.1:1', '', $4) RETURNING id",
        shop_id,
        kind,
        name,
        settings,
    )
    return account_id


async def add_shipment(pool: asyncpg.Pool, account_id: int, number: int = 1, **changes: Any) -> UUID:
    """The n-th shipment of an account: of order #n, n minutes after noon; `changes` are columns."""
    row = {
        "id": new_task_id(),
        "account_id": account_id,
        "shop_id": await pool.fetchval("SELECT shop_id FROM store.accounts WHERE id = $1", account_id),
        "order_id": f"O-{number}",
        "order_number": f"#{1000 + number}",
        "shipment_id": f"S-{number}",
        "package_id": "1",
        "package_number": 1,
        "carrier": "PostNord",
        "service": "MyPack",
        "tracking_numbers": [f"UA{number:09}SE"],
        "shipped_at": NOON,
        "items": [{"id": "L1", "sku": "MUG", "quantity": 2}],
        "quantity": 2,
        "state": "pending",
        "task_id": new_task_id(),
        "created_at": NOON + timedelta(minutes=number),
    } | changes
    names, places = ", ".join(row), ", ".join(f"${place}" for place in range(1, len(row) + 1))
    await pool.execute(f"INSERT INTO store.shipments ({names}) VALUES ({places})", *row.values())
    shipment_id: UUID = row["id"]
    return shipment_id
