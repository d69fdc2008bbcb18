"""Orders and listings read from eBay over either interface, and kept."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.errors import Misconfigured
from shared.handling import Outcome
from shared.marketplaces.ebay import Uses
from shared.tasks import TaskType
from tests.integration.writeback.ebay_selling import EbaySelling, open_ebay_selling
from writeback.marketplaces import ebay


@pytest.fixture(params=list(Uses))
async def selling(
    request: pytest.FixtureRequest, database_url: str, outside_url: str, outside: httpx.AsyncClient
) -> AsyncIterator[EbaySelling]:
    async with open_ebay_selling(database_url, outside_url, outside, request.param) as opened:
        yield opened


async def read_orders(selling: EbaySelling, payload: bytes = b"") -> Outcome:
    await _schedule(selling, TaskType.FETCH_MARKETPLACE_ORDERS)
    run = selling.run(TaskType.FETCH_MARKETPLACE_ORDERS, payload)
    outcome = await ebay.fetch_orders(selling.systems.ebay, run)
    await run.end(commit=True)
    return outcome


async def read_listings(selling: EbaySelling) -> Outcome:
    await _schedule(selling, TaskType.FETCH_MARKETPLACE_PRODUCTS)
    run = selling.run(TaskType.FETCH_MARKETPLACE_PRODUCTS)
    outcome = await ebay.fetch_products(selling.systems.ebay, run)
    await run.end(commit=True)
    return outcome


async def _schedule(selling: EbaySelling, type_: TaskType) -> None:
    statement = (
        "INSERT INTO store.schedules (shop_id, account_id, type, interval_s) VALUES ($1, $2, $3, 600) "
        "ON CONFLICT DO NOTHING"
    )
    await selling.pool.execute(statement, selling.shop_id, selling.account_id, type_.value)


async def rows(selling: EbaySelling, table: str) -> list[dict[str, Any]]:
    found = await selling.pool.fetch(f"SELECT * FROM store.{table} ORDER BY source_id")
    return [dict(row) for row in found]


async def test_orders_are_read_page_by_page_and_kept_without_their_buyers(selling: EbaySelling) -> None:
    hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    await selling.say("POST", "orders", {"count": 250, "created_at": hour_ago})
    outcome = await read_orders(selling)
    kept = await rows(selling, "marketplace_orders")
    assert (len(kept), outcome.items_processed, outcome.items_failed) == (250, 250, 0)
    assert kept[0]["is_shippable"]
    (item,) = kept[0]["items"]
    assert item["sku"].startswith("EBY-")
    assert "kim" not in str(kept).lower()


async def test_nothing_of_the_buyers_is_recorded(selling: EbaySelling) -> None:
    await selling.sold()
    await _schedule(selling, TaskType.FETCH_MARKETPLACE_ORDERS)
    run = selling.run(TaskType.FETCH_MARKETPLACE_ORDERS)
    await ebay.fetch_orders(selling.systems.ebay, run)
    await run.end(commit=True)
    recorded = b"".join(call.response_body + call.request_body for call in run.calls).lower()
    assert len(run.calls) == 2
    assert not any(word in recorded for word in (b"kim", b"storgatan", b"buyer", b"@"))


async def test_the_lines_have_the_ids_a_shipment_is_told_with(selling: EbaySelling) -> None:
    order = await selling.sold()
    await read_orders(selling)
    (kept,) = await rows(selling, "marketplace_orders")
    assert [item["id"] for item in kept["items"]] == [selling.line(order, 0).id, selling.line(order, 1).id]
    assert kept["order_number"] == order["order_id"]


async def test_only_what_changed_is_read_again_and_newer_states_win(selling: EbaySelling) -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    old, new = await selling.sold(created_at=long_ago), await selling.sold(created_at=long_ago)
    await read_orders(selling)
    await selling.say("POST", f"orders/{new['order_id']}/cancel")
    outcome = await read_orders(selling)
    kept = {row["source_id"]: row for row in await rows(selling, "marketplace_orders")}
    assert outcome.items_processed == 1
    assert (kept[new["order_id"]]["status"], kept[new["order_id"]]["is_shippable"]) == ("CANCELED", False)
    assert kept[old["order_id"]]["is_shippable"]


async def test_listings_are_kept_with_number_weight_and_image(selling: EbaySelling) -> None:
    assert (await read_listings(selling)).items_processed == 6
    kept = {row["sku"]: row for row in await rows(selling, "listings")}
    assert kept["EBY-005"]["weight_grams"] == 878.835
    assert kept["EBY-005"]["image_url"] == "https://images.example/EBY-005.jpg"
    assert kept["EBY-005"]["source_id"] == "110043584635"
    before = kept["EBY-005"]["changed_at"]
    await selling.say("PUT", "items/EBY-001", {"title": "Head torch, red"})
    await read_listings(selling)
    kept = {row["sku"]: row for row in await rows(selling, "listings")}
    assert kept["EBY-001"]["title"] == "Head torch, red"
    assert kept["EBY-005"]["changed_at"] == before


async def test_refused_credentials_keep_what_is_known(selling: EbaySelling) -> None:
    await selling.sold()
    await read_orders(selling)
    await selling.say("PATCH", "terms", {"is_revoked": True})
    await selling.say("POST", "expire-tokens")
    with pytest.raises(Misconfigured):
        await read_orders(selling)
    assert len(await rows(selling, "marketplace_orders")) == 1


async def test_an_unusable_setting_is_named(selling: EbaySelling) -> None:
    await selling.settle(site_id="Sweden")
    with pytest.raises(Misconfigured, match="site_id"):
        await read_orders(selling)
