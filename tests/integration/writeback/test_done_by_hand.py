"""Shipments a person marked as done by hand: nothing is told of them again, and later changes find them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shared.envelope import State, TaskHeader
from shared.errors import Rejected
from shared.handling import Run
from shared.marketplaces.ebay import Uses
from shared.shipments.writing_back import payload_of
from tests.integration.writeback.ebay_selling import open_ebay_selling
from tests.integration.writeback.selling import Selling, open_selling, package_of
from tests.integration.writeback.shipping import Shipping
from writeback.handlers.write_back import write_back
from writeback.targets.opening import Targets
from writeback.targets.shopify import ShopifyTarget, open_shopify

ORDER: dict[str, Any] = {"lines": [{"sku": "SL-001", "quantity": 3}]}
MARK = (
    "UPDATE store.shipments SET told_version = version, state = 'synced', tried_numbers = tracking_numbers, "
    "told = jsonb_build_object('carrier', carrier), note = 'Marked as done by hand by Ann', target_id = NULL "
    "WHERE id = $1"
)


@pytest.fixture
async def selling(database_url: str, outside_url: str, outside: httpx.AsyncClient) -> AsyncIterator[Selling]:
    async with open_selling(database_url, outside_url, outside) as opened:
        yield opened


async def _done_by_hand(shipping: Shipping, package: Any) -> None:
    """As the query API leaves the row."""
    await shipping.pool.execute(MARK, package)


async def test_a_write_back_that_is_still_under_way_tells_nothing_and_undoes_nothing(
    shipping: Shipping,
) -> None:
    order = await shipping.store.buy(**ORDER)
    package = await shipping.pack(order, {"SL-001": 1})

    async def open_while_it_is_marked(pool: Any, task: TaskHeader) -> ShopifyTarget:
        await _done_by_hand(shipping, package)
        return await open_shopify(shipping.systems.shops, pool, task)

    run = Run(await shipping.task(package), payload_of(package), 1, False, shipping.pool)
    outcome = await write_back(Targets({"shopify": open_while_it_is_marked}), run)
    await run.end(commit=True)
    row = await shipping.row(package)
    assert "by hand" in (outcome.note or "")
    assert (row["state"], row["note"]) == ("synced", "Marked as done by hand by Ann")
    assert await shipping.fulfilments(order) == []


async def test_a_later_correction_changes_what_the_person_made_in_the_shop(shipping: Shipping) -> None:
    order = await shipping.store.buy(**ORDER)
    package, other = [await shipping.pack(order, {"SL-001": 1}, package_id=name) for name in "AB"]
    await shipping.tell(package)
    await _done_by_hand(shipping, package)
    await shipping.change(package, tracking_numbers=["NEW1"], tracking_url=None)
    ended = await shipping.tell(package)
    (made,) = await shipping.fulfilments(order)
    row = await shipping.row(package)
    assert (ended.transition.state, made["tracking_numbers"]) == (State.SUCCEEDED, ["NEW1"])
    assert (row["state"], row["target_id"]) == ("synced", str(made["id"]))
    await shipping.tell(other)
    assert len(await shipping.fulfilments(order)) == 2


@pytest.mark.parametrize(("change", "deed"), [({"carrier": "UPS"}, "edit"), ({"is_void": True}, "cancel")])
async def test_what_is_not_found_in_the_shop_is_not_made_again_but_left_to_the_person(
    shipping: Shipping, change: dict[str, Any], deed: str
) -> None:
    order = await shipping.store.buy(**ORDER)
    package = await shipping.pack(order, {"SL-001": 1})
    await _done_by_hand(shipping, package)
    await shipping.change(package, **change)
    ended = await shipping.tell(package)
    assert ended.transition.state is State.FAILED
    assert deed in (ended.error or "")
    assert (await shipping.row(package))["error_kind"] == "by_hand"
    assert await shipping.fulfilments(order) == []


async def test_amazon_gets_no_second_package_for_one_a_person_confirmed(selling: Selling) -> None:
    order, target = await selling.sold(), await selling.target()
    await target.ship(package_of(order, number=7), is_uncertain=False)
    package = package_of(order, is_known=True)
    assert (await target.correct(package, is_uncertain=False)).was_there
    changed = package_of(order, is_known=True, tracking_numbers=("JJD0100",))
    for deed in (target.correct, target.cancel):
        for is_uncertain in (False, True):
            with pytest.raises(Rejected, match="Seller Central") as caught:
                await deed(changed, is_uncertain=is_uncertain)
            assert caught.value.kind == "by_hand"
    assert [one["tracking_number"] for one in await selling.packages(order)] == ["JJD0099"]


@pytest.mark.parametrize("uses", list(Uses))
async def test_ebay_knows_what_a_person_entered_by_its_tracking_number(
    database_url: str, outside_url: str, outside: httpx.AsyncClient, uses: Uses
) -> None:
    async with open_ebay_selling(database_url, outside_url, outside, uses) as selling:
        order, target = await selling.sold(), await selling.target()
        await target.ship(selling.package(order), is_uncertain=False)
        known = {"is_known": True, "tried_numbers": ("JJD0099",)}
        assert (await target.correct(selling.package(order, **known), is_uncertain=False)).was_there
        changed = selling.package(order, tracking_numbers=("JJD0100",), **known)
        if uses is Uses.FULFILLMENT:
            with pytest.raises(Rejected, match="replace JJD0099 by JJD0100"):
                await target.correct(changed, is_uncertain=False)
        else:
            await target.correct(changed, is_uncertain=False)
        numbers = [parcel["number"] for parcel in (await selling.held(order))["parcels"]]
        assert numbers == ["JJD0099" if uses is Uses.FULFILLMENT else "JJD0100"]
