"""What marketplaces told is stored once, and only when it is newer."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.db.pool import open_pool
from writeback.marketplaces.port import Listing, MarketplaceOrder, OrderLine
from writeback.store.marketplaces import Place, keep_listings, keep_orders

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ORDER = MarketplaceOrder(
    id="12-34567-89012",
    number="12-34567-89012",
    status="NOT_STARTED",
    is_shippable=True,
    lines=(OrderLine("10052962738010", "SL-001", "Mug", 2),),
    ordered_at=NOW,
    updated_at=NOW,
)
LISTING = Listing("110043584632", "SL-001", "Mug", 350.0, "https://images.example/1.jpg", {"price": "12.50"})


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Any]:
    async with await open_pool(database_url, max_size=2) as pool:
        yield pool


@pytest.fixture
async def place(pool: Any) -> Place:
    shop_id = await pool.fetchval(
        "INSERT INTO store.shops (domain, name, email, data_key) VALUES ('a', 'A', 'a@x', '') RETURNING id"
    )
    account_id = await pool.fetchval(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials) "
        "VALUES ($1, 'ebay', 'eBay', 'http://127.0.0.1', '') RETURNING id",
        shop_id,
    )
    return Place(account_id, shop_id)


async def test_an_order_is_stored_once_and_replaced_by_a_newer_state_only(pool: Any, place: Place) -> None:
    newer = replace(ORDER, status="FULFILLED", updated_at=NOW + timedelta(minutes=1))
    assert [await keep_orders(pool, place, [one]) for one in (ORDER, ORDER, newer, ORDER)] == [1, 0, 1, 0]
    row = await pool.fetchrow("SELECT * FROM store.marketplace_orders")
    assert (row["status"], row["updated_at"]) == ("FULFILLED", newer.updated_at)
    line = {"id": "10052962738010", "sku": "SL-001", "title": "Mug", "quantity": 2, "product_id": None}
    assert row["items"] == [line]


async def test_of_an_order_that_a_page_names_twice_the_newer_state_counts(pool: Any, place: Place) -> None:
    newer = replace(ORDER, status="FULFILLED", updated_at=NOW + timedelta(minutes=1))
    assert await keep_orders(pool, place, [newer, ORDER]) == 1
    assert await pool.fetchval("SELECT status FROM store.marketplace_orders") == "FULFILLED"


async def test_a_listing_is_written_when_something_of_it_changed(pool: Any, place: Place) -> None:
    lighter = replace(LISTING, weight_grams=300.0)
    assert [await keep_listings(pool, place, [one]) for one in (LISTING, LISTING, lighter)] == [1, 0, 1]
    row = await pool.fetchrow("SELECT * FROM store.listings")
    assert (row["weight_grams"], row["image_url"]) == (300.0, LISTING.image_url)
    assert row["data"] == {"price": "12.50"}
