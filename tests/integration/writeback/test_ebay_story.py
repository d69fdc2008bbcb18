"""A package's row until eBay agrees with it, whatever got lost on the way."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, cast
from uuid import UUID

import httpx
import pytest

from shared.envelope import State
from shared.marketplaces.ebay import Uses
from tests.integration.sync_worker.storefront import Storefront
from tests.integration.writeback.ebay_selling import EbaySelling, open_ebay_selling
from tests.integration.writeback.shipping import Shipping
from writeback.handlers.write_back import READ_BACK


@pytest.fixture(params=list(Uses))
async def selling(
    request: pytest.FixtureRequest, database_url: str, outside_url: str, outside: httpx.AsyncClient
) -> AsyncIterator[EbaySelling]:
    async with open_ebay_selling(database_url, outside_url, outside, request.param) as opened:
        yield opened


@pytest.fixture
def shipping(selling: EbaySelling) -> Shipping:
    """Rows of the seller's packages; of the storefront only the account is used."""
    return Shipping(selling.pool, selling.systems, cast("Storefront", selling), selling.shop_id)


async def packed(selling: EbaySelling, shipping: Shipping, order: Mapping[str, Any], place: int = 0) -> UUID:
    line = selling.line(order, place)
    item = {"id": line.id, "sku": line.sku, "quantity": line.quantity}
    return await shipping.keep(order["order_id"], [item], carrier="UPS", tracking_numbers=["1Z-999"])


async def test_a_lost_answer_ends_in_one_effect_confirmed_by_reading(
    selling: EbaySelling, shipping: Shipping
) -> None:
    await selling.say("PATCH", "terms", {"on_repeat": "accept"})
    order = await selling.sold()
    shipment = await packed(selling, shipping, order)
    await selling.fault("reset_after_effect")
    lost = await shipping.tell(shipment)
    assert (lost.transition.state, lost.transition.detail.is_uncertain) == (State.RETRYING, True)
    told = await shipping.tell(shipment, is_uncertain=True, attempt=2)
    row, held = await shipping.row(shipment), await selling.held(order)
    assert (row["state"], row["target_id"], told.note) == ("synced", "1Z999", READ_BACK)
    assert ([one["number"] for one in held["parcels"]], held["doubled"]) == (["1Z999"], 0)


async def test_a_correction_reaches_ebay_or_says_what_to_do(selling: EbaySelling, shipping: Shipping) -> None:
    order = await selling.sold()
    shipment = await packed(selling, shipping, order)
    await shipping.tell(shipment)
    await shipping.change(shipment, tracking_numbers=["1Z-888"])
    told = await shipping.tell(shipment)
    if selling.uses is Uses.FULFILLMENT:
        assert told.transition.state is State.FAILED
        assert "replace 1Z999 by 1Z-888" in (told.error or "")
        edit = {"number": "1Z999", "to": "1Z888"}
        await selling.say("POST", f"orders/{order['order_id']}/tracking", edit)
        await shipping.tell(shipment)
    row, held = await shipping.row(shipment), await selling.held(order)
    assert (row["state"], row["target_id"]) == ("synced", "1Z888")
    assert [one["number"] for one in held["parcels"]] == ["1Z888"]


async def test_a_package_that_is_taken_back_is_gone_or_says_what_to_do(
    selling: EbaySelling, shipping: Shipping
) -> None:
    order = await selling.sold()
    shipment = await packed(selling, shipping, order)
    await shipping.tell(shipment)
    await shipping.change(shipment, is_void=True)
    told = await shipping.tell(shipment)
    if selling.uses is Uses.FULFILLMENT:
        assert "delete 1Z999" in (told.error or "")
        await selling.say("POST", f"orders/{order['order_id']}/tracking", {"number": "1Z999"})
        await shipping.tell(shipment)
    row, held = await shipping.row(shipment), await selling.held(order)
    assert (row["state"], held["parcels"]) == ("voided", [])


async def test_taken_back_consent_waits_for_the_account_and_uses_up_no_attempt(
    selling: EbaySelling, shipping: Shipping
) -> None:
    order = await selling.sold()
    shipment = await packed(selling, shipping, order)
    await selling.say("PATCH", "terms", {"is_revoked": True})
    told = await shipping.tell(shipment)
    assert told.transition.state is State.RETRYING
    assert told.transition.task.max_attempts == 6
    assert "connect it again" in (told.error or "")
    assert (await shipping.row(shipment))["state"] == "pending"


async def test_two_packages_of_a_line_are_both_there(selling: EbaySelling, shipping: Shipping) -> None:
    order = await selling.sold()
    line = selling.line(order, 0)
    for number in ("1Z-1", "1Z-2"):
        item = {"id": line.id, "sku": line.sku, "quantity": 1}
        shipment = await shipping.keep(
            order["order_id"], [item], carrier="UPS", tracking_numbers=[number], package_id=number
        )
        assert (await shipping.tell(shipment)).transition.state is State.SUCCEEDED
    held = await selling.held(order)
    assert held["lines"][0]["tracking"] == ["1Z1", "1Z2"]
