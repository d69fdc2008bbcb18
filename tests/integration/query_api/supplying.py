"""Supplier accounts, orders and runs of a shop, as the worker leaves them."""

from pathlib import Path
from typing import Any

import asyncpg
import orjson

EXAMPLES = Path(__file__).parents[3] / "docs" / "suppliers"


def example(name: str = "gate4cards", **changes: Any) -> dict[str, Any]:
    settings: dict[str, Any] = orjson.loads((EXAMPLES / f"{name}.json").read_bytes())
    return settings | changes


def new_account(**changes: Any) -> dict[str, Any]:
    """What is posted to connect a supplier."""
    return {
        "shop": "one.example",
        "kind": "supplier",
        "name": "Gate4cards - Primary",
        "base_url": "https://api.supplier.example/",
        "credentials": {"token": "secret-one"},
        "settings": example(),
    } | changes


async def add_product(pool: asyncpg.Pool, account_id: int, sku: str) -> None:
    await pool.execute(
        "INSERT INTO store.products (account_id, source_id, shop_id, sku, content_hash, data, position) "
        "SELECT a.id, $2, a.shop_id, $2, '', '{\"is_available\": true}', "
        "(SELECT count(*) FROM store.products WHERE account_id = $1) FROM store.accounts a WHERE a.id = $1",
        account_id,
        sku,
    )


async def add_order(pool: asyncpg.Pool, shop_id: int, order_id: int, *skus: str, **data: Any) -> None:
    content = {
        "financial_status": "paid",
        "line_items": [{"sku": sku} for sku in skus],
    } | data
    await pool.execute(
        "INSERT INTO store.orders (shop_id, source_id, order_number, data) VALUES ($1, $2, $3, $4)",
        shop_id,
        str(order_id),
        f"#{order_id}",
        {name: value for name, value in content.items() if value is not None},
    )
