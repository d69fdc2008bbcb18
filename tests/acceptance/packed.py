"""Packages of orders at the three kinds of targets, and what the targets know of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.integration.writeback.accounts import Market, Seller
from tests.integration.writeback.shipping import Shipping

TWO_LINES = {"items": [{"sku": "AMZ-001", "quantity": 1}, {"sku": "AMZ-002", "quantity": 1}]}
TWO_SALES = {"lines": [{"sku": "EBY-001", "quantity": 1}, {"sku": "EBY-002", "quantity": 1}]}


@dataclass(frozen=True)
class Packed:
    """`amazon`, `ebay`: sellers there; the shop's own orders are in `shipping.store`."""

    shipping: Shipping
    amazon: Seller
    ebay: Sequence[Seller]

    async def pack(self, *, shop: int, amazon: int, ebay: int) -> int:
        """So many orders of each target, of each seller at eBay, in two packages each."""
        for number in range(shop):
            order = await self.shipping.store.buy(lines=[{"sku": "SL-001", "quantity": 2}])
            for part in (1, 2):
                await self.shipping.pack(order, {"SL-001": 1}, **_of(f"S{number:04}", part))
        await self._sold(self.amazon, {**TWO_LINES, "count": amazon}, "items", "A")
        for place, seller in enumerate(self.ebay):
            await self._sold(seller, {**TWO_SALES, "count": ebay}, "lines", f"E{place}")
        return 2 * (shop + amazon + ebay * len(self.ebay))

    async def effects(self) -> Counter[str]:
        """How often each tracking number is known at its target."""
        numbers: Counter[str] = Counter()
        numbers.update((await self.shipping.store.say("GET", "effects"))["by_tracking_number"])
        for order in (await self.amazon.say("GET", "orders"))["orders"]:
            numbers.update(one["tracking_number"] for one in order["packages"])
        for seller in self.ebay:
            for order in (await seller.say("GET", "orders"))["orders"]:
                numbers.update(one["number"] for one in order["parcels"])
        return numbers

    async def _sold(self, seller: Seller, wish: dict[str, Any], lines: str, mark: str) -> None:
        """One line in each package; eBay's Trading API has ids of its own for them."""
        placed = (await seller.say("POST", "orders", **wish))["orders"]
        for number, order in enumerate(placed):
            for part, line in enumerate(order[lines], start=1):
                await self._keep(seller, order["order_id"], line, _of(f"{mark}{number:04}", part))

    async def _keep(
        self, seller: Seller, order_id: str, line: Mapping[str, Any], columns: dict[str, Any]
    ) -> None:
        own_id = line["order_line_item_id"] if seller.uses == "trading" else line["id"]
        item = {"id": own_id, "sku": line["sku"], "quantity": 1}
        await self.shipping.keep(order_id, [item], account_id=seller.account_id, **columns)


def _of(order: str, part: int) -> dict[str, Any]:
    return {
        "package_id": str(part),
        "package_number": part,
        "tracking_numbers": [f"{order}P{part}"],
        "carrier": "DHL",
        "tracking_url": None,
    }


async def sellers(market: Market, shipping: Shipping) -> Packed:
    """eBay takes what it is told twice for two shipments; one of its sellers is told by the Trading API."""
    amazon = await market.amazon()
    told_by_rest = await market.ebay()
    told_by_trading = await market.ebay(uses="trading", retry_policy="linear-three")
    for seller in (told_by_rest, told_by_trading):
        await seller.say("PATCH", "terms", on_repeat="accept")
    return Packed(shipping, amazon, (told_by_rest, told_by_trading))
