"""What a Shopify shop sells, page by page."""

from dataclasses import dataclass
from datetime import datetime

from shared.clients.shopify_admin import ShopAdmin, ShopAdmins
from shared.clients.shopify_answers import TooExpensive
from shared.handling import Outcome, Run
from writeback.clients.documents import load_document
from writeback.mapping.shopify_listings import listing_of
from writeback.marketplaces.port import ListingPage, OrderPage
from writeback.reading.products import read_products
from writeback.reading.slices import Rules

LISTINGS_AT_ONCE = 250
_LISTINGS = load_document("listings", cost=100)


async def fetch_products(shops: ShopAdmins, run: Run) -> Outcome:
    """A slice of what the shop sells."""
    admin = await shops.open(run.pool, run.task)
    return await read_products(run, ShopifyMarketplace(admin), Rules(admin.account.id))


@dataclass(frozen=True, slots=True)
class ShopifyMarketplace:
    """Pages begin after an id: Shopify's own cursors lead to the first 25,000 only."""

    admin: ShopAdmin

    async def orders(self, *, since: datetime, cursor: str | None) -> OrderPage:  # noqa: ARG002 - none
        """The shop's own orders come by webhooks and their poll."""
        return OrderPage((), None)

    async def listings(self, *, cursor: str | None) -> ListingPage:
        """As many as one query may cost."""
        first = LISTINGS_AT_ONCE
        while True:
            try:
                return await self._page(first, int(cursor or 0) + 1)
            except TooExpensive:
                if first == 1:
                    raise
                first //= 2

    async def _page(self, first: int, from_id: int) -> ListingPage:
        answer = await self.admin.call(_LISTINGS, {"first": first, "query": f"id:>={from_id}"})
        page = answer["productVariants"]
        found = tuple(listing_of(node) for node in page["nodes"])
        has_more = page["pageInfo"]["hasNextPage"] and bool(found)
        return ListingPage(found, next=found[-1].id if has_more else None)
