"""Orders and items read from Amazon: what is stored, what goes on in the next task, what costs no write."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest

from shared.errors import Misconfigured
from shared.handling import FollowUp, Outcome, Run
from shared.tasks import TaskType
from tests.integration.writeback.selling import MARKETPLACE, PLENTY, Selling, open_selling
from writeback.marketplaces import amazon
from writeback.reading import slices
from writeback.reading.slices import ANOTHER

ONE_LINE = [{"sku": "AMZ-001", "quantity": 1}]


@pytest.fixture
async def selling(database_url: str, outside_url: str, outside: httpx.AsyncClient) -> AsyncIterator[Selling]:
    async with open_selling(database_url, outside_url, outside) as opened:
        yield opened


async def run_orders(selling: Selling, payload: bytes = b"") -> Outcome:
    run = selling.run(TaskType.FETCH_MARKETPLACE_ORDERS, payload)
    return await _committed(run, await amazon.fetch_orders(selling.sellers, run))


async def run_products(selling: Selling, payload: bytes = b"") -> Outcome:
    run = selling.run(TaskType.FETCH_MARKETPLACE_PRODUCTS, payload)
    return await _committed(run, await amazon.fetch_products(selling.sellers, run))


async def _committed(run: Run, outcome: Outcome) -> Outcome:
    await run.end(commit=True)
    return outcome


async def orders(selling: Selling) -> list[asyncpg.Record]:
    query = "SELECT * FROM store.marketplace_orders WHERE account_id = $1 ORDER BY source_id"
    return list(await selling.pool.fetch(query, selling.account_id))


async def listing(selling: Selling, sku: str) -> asyncpg.Record:
    query = "SELECT * FROM store.listings WHERE account_id = $1 AND source_id = $2"
    row = await selling.pool.fetchrow(query, selling.account_id, sku)
    assert row is not None
    return row


def summary(outcome: Outcome) -> dict[str, Any]:
    return outcome.summary or {}


async def test_orders_are_stored_without_anything_of_their_buyers(selling: Selling) -> None:
    placed = await selling.sold(seller_order_id="SHOP-7")
    outcome = await run_orders(selling)
    (row,) = await orders(selling)
    assert (row["source_id"], row["order_number"]) == (placed["order_id"], "SHOP-7")
    assert (row["status"], row["is_shippable"], row["marketplace"]) == ("UNSHIPPED", True, MARKETPLACE)
    first = {"id": placed["items"][0]["id"], "sku": "AMZ-001", "title": "Head torch, black", "quantity": 2}
    assert row["items"][0] == {**first, "product_id": "B0SANDBX01"}
    assert (summary(outcome)["written"], summary(outcome)["is_complete"]) == (1, True)
    assert outcome.follow_ups == ()
    asked = selling.calls[-1].url
    assert "BUYER" not in asked
    assert "RECIPIENT" not in asked


@pytest.mark.parametrize(
    ("wish", "is_shippable"),
    [({"fulfilled_by": "AMAZON"}, False), ({"status": "CANCELLED"}, False), ({"status": "SHIPPED"}, True)],
)
async def test_whether_the_merchant_ships_it_is_known(
    selling: Selling, wish: dict[str, str], is_shippable: bool
) -> None:
    await selling.sold(**wish)
    await run_orders(selling)
    (row,) = await orders(selling)
    assert row["is_shippable"] is is_shippable


async def test_the_next_reading_asks_for_what_changed_since_and_writes_nothing_twice(
    selling: Selling,
) -> None:
    order = await selling.sold()
    await run_orders(selling)
    again = await run_orders(selling)
    await selling.say("PATCH", f"orders/{order['order_id']}", status="CANCELLED")
    changed = await run_orders(selling)
    (row,) = await orders(selling)
    assert (summary(again)["written"], summary(again)["unchanged"]) == (0, 1)
    assert summary(changed)["written"] == 1
    assert (row["status"], row["is_shippable"]) == ("CANCELLED", False)
    assert summary(again)["since"] > summary(await run_orders(selling))["since"][:4]


async def test_a_long_reading_goes_on_in_the_next_task(
    selling: Selling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amazon, "ORDERS_AT_ONCE", 4)
    monkeypatch.setattr(slices, "SLICE_SIZE", 8)
    await selling.say("POST", "orders", count=18, items=ONE_LINE)
    outcome, read = await run_orders(selling), 1
    while outcome.follow_ups:
        (follow_up,) = outcome.follow_ups
        assert follow_up.account_id == selling.account_id
        outcome, read = await run_orders(selling, follow_up.payload.body), read + 1
    assert len(await orders(selling)) == 18
    assert read == 3


async def test_a_used_up_quota_goes_on_later_and_pauses_nobody(selling: Selling) -> None:
    await selling.sold()
    await selling.fault("rate_limited", "GET /orders/2026-01-01/orders", retry_after="40")
    outcome = await run_orders(selling)
    (follow_up,) = outcome.follow_ups
    assert follow_up.delay_ms == 40_000
    assert (outcome.items_processed, summary(outcome)["is_complete"]) == (0, False)
    assert _only(await run_orders(selling)).delay_ms == pytest.approx(40_000, rel=0.1)
    await _later(selling)
    await run_orders(selling, follow_up.payload.body)
    assert len(await orders(selling)) == 1
    assert await selling.pool.fetchval("SELECT count(*) FROM store.throttles") == 0


async def test_a_slice_of_a_reading_that_is_over_does_nothing(selling: Selling) -> None:
    await selling.fault("rate_limited", "GET /orders/2026-01-01/orders")
    late = _only(await run_orders(selling))
    await _later(selling)
    await run_orders(selling)
    asked = len(selling.calls)
    outcome = await run_orders(selling, late.payload.body)
    assert outcome.note == ANOTHER
    assert len(selling.calls) == asked


async def test_a_page_that_is_not_taken_any_more_begins_the_reading_again(
    selling: Selling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amazon, "ORDERS_AT_ONCE", 2)
    monkeypatch.setattr(slices, "SLICE_SIZE", 2)
    await selling.say("POST", "orders", count=3, items=ONE_LINE)
    late = _only(await run_orders(selling))
    statement = 'UPDATE store.schedules SET cursor = cursor || \'{"after": "gone"}\' WHERE account_id = $1'
    await selling.pool.execute(statement, selling.account_id)
    outcome = await run_orders(selling, late.payload.body)
    while outcome.follow_ups:
        outcome = await run_orders(selling, _only(outcome).payload.body)
    assert len(await orders(selling)) == 3


async def test_products_are_learned_from_orders_and_read_with_weight_and_image(selling: Selling) -> None:
    await selling.sold()
    await run_orders(selling)
    before = await listing(selling, "AMZ-001")
    outcome = await run_products(selling)
    row = await listing(selling, "AMZ-001")
    assert (before["title"], before["weight_grams"]) == ("Head torch, black", None)
    assert (row["weight_grams"], row["image_url"]) == (125.0, "https://images.example/AMZ-001.jpg")
    assert row["data"]["product_id"] == "B0SANDBX01"
    assert summary(outcome)["written"] == 2


async def test_unchanged_products_cost_no_write(selling: Selling) -> None:
    await selling.sold()
    await run_orders(selling)
    await run_products(selling)
    before = await listing(selling, "AMZ-001")
    again = await run_products(selling)
    await selling.say("PUT", "products/AMZ-001", weight=4.0, weight_unit="ounces")
    changed = await run_products(selling)
    row = await listing(selling, "AMZ-001")
    assert (summary(again)["written"], summary(again)["unchanged"]) == (0, 2)
    assert summary(changed)["written"] == 1
    assert row["weight_grams"] == pytest.approx(113.398)
    assert row["changed_at"] > before["changed_at"]


async def test_many_products_are_asked_for_twenty_at_a_time(selling: Selling) -> None:
    items = []
    for number in range(45):
        sku = f"LOT-{number:03}"
        await selling.say("PUT", f"products/{sku}", asin=f"B0LOT{number:05}", title=f"Lot {number}")
        items.append({"sku": sku, "quantity": 1})
    for start in range(0, 45, 9):
        await selling.sold(items=items[start : start + 9])
    await selling.say("PATCH", "terms", limits={"searchCatalogItems": PLENTY})
    await run_orders(selling)
    outcome = await run_products(selling)
    asked = [call for call in selling.calls if "/catalog/" in call.url]
    assert summary(outcome)["written"] == 45
    assert len(asked) == 3


async def test_a_consent_taken_back_ends_the_reading_with_one_clear_message(selling: Selling) -> None:
    await selling.say("PATCH", "terms", is_revoked=True)
    with pytest.raises(Misconfigured, match="invalid_grant"):
        await run_orders(selling)


async def _later(selling: Selling) -> None:
    """When Amazon's rate allows another request."""
    await selling.pool.execute("DELETE FROM store.budgets WHERE account_id = $1", selling.account_id)


def _only(outcome: Outcome) -> FollowUp:
    (follow_up,) = outcome.follow_ups
    return follow_up
