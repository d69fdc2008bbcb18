"""What a shop sells, read page by page: what is stored, what costs no write, what goes on later."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.envelope import Payload
from shared.handling import Outcome, Run
from shared.tasks import TaskType
from tests.factories import header
from tests.integration.writeback.shipping import Shipping
from writeback.handlers import registry
from writeback.marketplaces import shopify
from writeback.reading import slices


async def _read(shipping: Shipping, payload: bytes = b"") -> Outcome:
    task = header(
        type=TaskType.FETCH_MARKETPLACE_PRODUCTS,
        shop_id=shipping.shop_id,
        account_id=shipping.store.account_id,
    )
    run = Run(task, Payload(body=payload), 1, False, shipping.pool)
    outcome = await registry(shipping.systems)[task.type](run)
    await run.end(commit=True)
    return outcome


async def _listings(shipping: Shipping) -> dict[str, Mapping[str, Any]]:
    rows = await shipping.pool.fetch("SELECT * FROM store.listings")
    return {row["sku"]: dict(row) for row in rows}


async def test_variants_are_stored_with_weight_and_picture(shipping: Shipping) -> None:
    outcome = await _read(shipping)
    tent = (await _listings(shipping))["SL-006"]
    assert (outcome.summary or {})["is_complete"] is True
    assert outcome.follow_ups == ()
    assert (tent["title"], tent["weight_grams"]) == ("Tunneltält 2 p - Default Title", 2650.0)
    assert tent["image_url"].startswith("https://cdn.example/")
    assert tent["data"]["status"] == "ACTIVE"
    assert (await _listings(shipping))["SL-012"]["image_url"] is None


async def test_what_has_not_changed_costs_no_write(shipping: Shipping) -> None:
    first = await _read(shipping)
    second = await _read(shipping)
    counted = first.items_processed
    assert (first.summary or {})["written"] == counted
    assert (second.summary or {})["written"] == 0
    assert (second.summary or {})["unchanged"] == counted


async def test_a_large_shop_is_read_in_slices_without_gaps(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICE_SIZE", 400)
    await shipping.store.say("PUT", "volume", customers=0, orders=0, products=700)
    tasks, outcome = 1, await _read(shipping)
    while outcome.follow_ups:
        outcome = await _read(shipping, outcome.follow_ups[0].payload.body)
        tasks += 1
    skus = await _listings(shipping)
    assert tasks == 2
    assert sum(sku.startswith("VOL-") for sku in skus) == 700


async def test_pages_get_smaller_until_they_may_be_asked_for(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shopify, "LISTINGS_AT_ONCE", 40)
    await shipping.store.say("PATCH", "admin", max_query_cost=50)
    outcome = await _read(shipping)
    requests = [one for one in await shipping.store.requests() if shipping.store.domain in one["path"]]
    asked = [one["body"]["variables"]["first"] for one in requests]
    assert (outcome.summary or {})["is_complete"] is True
    assert max(asked) == 40
    assert min(asked) < 40
