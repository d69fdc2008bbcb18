"""A seller's orders and products, as Amazon tells them page by page."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.handling import Outcome, Run
from writeback.clients.amazon import AmazonSeller, AmazonSellers
from writeback.mapping import amazon_items, amazon_orders
from writeback.mapping.amazon_shipment import wire_time
from writeback.marketplaces.port import Listing, ListingPage, MarketplaceOrder, OrderPage, Unreadable
from writeback.reading.orders import read_orders
from writeback.reading.products import read_products
from writeback.reading.slices import Rules
from writeback.store import marketplaces

ORDERS_AT_ONCE = 100
LISTINGS_AT_ONCE = 100
# Amazon: so many identifiers in one search.
ITEMS_AT_ONCE = 20


async def fetch_orders(sellers: AmazonSellers, run: Run) -> Outcome:
    """A slice of the orders that changed since the last reading. Amazon lists no products: they are learned
    from what was sold."""
    seller = await sellers.open(run.pool, run.task)
    settings = seller.account.settings
    rules = Rules(seller.account.id, settings.history, settings.overlap)
    return await read_orders(run, AmazonMarketplace(seller), rules, learns_products=True)


async def fetch_products(sellers: AmazonSellers, run: Run) -> Outcome:
    """A slice of what the catalogue says of the products that were sold."""
    seller = await sellers.open(run.pool, run.task)
    return await read_products(run, AmazonMarketplace(seller), Rules(seller.account.id))


@dataclass(frozen=True, slots=True)
class AmazonMarketplace:
    seller: AmazonSeller

    async def orders(self, *, since: datetime, cursor: str | None) -> OrderPage:
        query = {
            "lastUpdatedAfter": wire_time(since),
            "marketplaceIds": ",".join(self.seller.account.settings.marketplace_ids),
            "includedData": "FULFILLMENT",
            "maxResultsPerPage": str(ORDERS_AT_ONCE),
        }
        if cursor is not None:
            query["paginationToken"] = cursor
        answer = await self.seller.search_orders(query)
        found = [amazon_orders.order_of(content) for content in answer.get("orders") or ()]
        return OrderPage(
            orders=tuple(one for one in found if isinstance(one, MarketplaceOrder)),
            next=(answer.get("pagination") or {}).get("nextToken"),
            unreadable=tuple(one for one in found if isinstance(one, Unreadable)),
        )

    async def listings(self, *, cursor: str | None) -> ListingPage:
        account_id = self.seller.account.id
        known = await marketplaces.listings_after(
            self.seller.pool, account_id, cursor or "", limit=LISTINGS_AT_ONCE
        )
        found: list[Listing] = []
        for marketplace_id, asked in _searches(known, self.seller.account.settings.marketplace_ids[0]):
            found += await self._found(marketplace_id, asked)
        is_last = len(known) < LISTINGS_AT_ONCE
        return ListingPage(tuple(found), next=None if is_last else known[-1].id)

    async def _found(self, marketplace_id: str, asked: Sequence[Listing]) -> Iterator[Listing]:
        """What the catalogue does not know any more stays as it was."""
        query = {
            "identifiers": ",".join(dict.fromkeys(_asin(one) for one in asked)),
            "identifiersType": "ASIN",
            "marketplaceIds": marketplace_id,
            "includedData": amazon_items.INCLUDED,
            "pageSize": str(ITEMS_AT_ONCE),
        }
        answer = await self.seller.search_items(query)
        items: Mapping[Any, Any] = {item.get("asin"): item for item in answer.get("items") or ()}
        known = ((one, items.get(_asin(one))) for one in asked)
        return (amazon_items.listing_of(one, item, marketplace_id) for one, item in known if item)


def _searches(known: Sequence[Listing], home: str) -> Iterator[tuple[str, Sequence[Listing]]]:
    """Amazon: one marketplace in each search."""
    by_marketplace: defaultdict[str, list[Listing]] = defaultdict(list)
    for one in known:
        by_marketplace[one.data.get("marketplace") or home].append(one)
    for marketplace_id, listings in by_marketplace.items():
        for start in range(0, len(listings), ITEMS_AT_ONCE):
            yield marketplace_id, listings[start : start + ITEMS_AT_ONCE]


def _asin(listing: Listing) -> str:
    return str(listing.data.get("product_id") or listing.id)
