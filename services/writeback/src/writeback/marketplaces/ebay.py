"""A seller's orders and listings, as eBay tells them page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from shared.envelope import utc_now
from shared.handling import Outcome, Run
from shared.marketplaces.ebay import Uses
from writeback.clients.ebay import Ebay, EbayAccounts
from writeback.clients.ebay_fulfillment import ORDERS_PER_PAGE, Fulfillment
from writeback.clients.ebay_trading import ENTRIES_PER_PAGE, Trading, Window
from writeback.mapping import ebay_orders, ebay_trading_reads
from writeback.mapping.ebay_paging import Spot, spot_of
from writeback.mapping.ebay_xml import Node
from writeback.marketplaces.port import Listing, ListingPage, MarketplaceOrder, OrderPage, Unreadable
from writeback.reading.orders import read_orders
from writeback.reading.products import read_products
from writeback.reading.slices import Rules

# eBay: GetOrders looks back 90 days at most, GetSellerList ahead 120. Listings end, or are renewed, monthly.
LONGEST_BACK = timedelta(days=89)
AHEAD = timedelta(days=119)

Item = TypeVar("Item")


async def fetch_orders(accounts: EbayAccounts, run: Run) -> Outcome:
    """A slice of the orders that changed since the last reading."""
    ebay = await accounts.open(run.pool, run.task)
    settings = ebay.account.settings
    return await read_orders(
        run, EbayMarketplace(ebay), Rules(ebay.account.id, settings.history, settings.overlap)
    )


async def fetch_products(accounts: EbayAccounts, run: Run) -> Outcome:
    """A slice of what the seller offers."""
    ebay = await accounts.open(run.pool, run.task)
    return await read_products(run, EbayMarketplace(ebay), Rules(ebay.account.id))


@dataclass(frozen=True, slots=True)
class EbayMarketplace:
    """Orders come from the interface that the account uses, so that lines have the ids it takes."""

    ebay: Ebay

    async def orders(self, *, since: datetime, cursor: str | None) -> OrderPage:
        now = utc_now()
        spot = spot_of(cursor) if cursor else Spot(max(since, now - LONGEST_BACK), now)
        if self.ebay.account.settings.uses is Uses.TRADING:
            return await self._sold(spot)
        return await self._ordered(spot)

    async def listings(self, *, cursor: str | None) -> ListingPage:
        """From GetSellerList, whichever interface the account uses for orders: eBay's Inventory one knows
        only what was listed through it, and no item numbers."""
        now = utc_now()
        spot = spot_of(cursor) if cursor else Spot(now, now + AHEAD)
        root = await Trading(self.ebay).listings(_window(spot))
        found = [ebay_trading_reads.listing_of(item) for item in root.all("ItemArray/Item")]
        total = _total(root)
        following = _next_page(spot, total, root.text("HasMoreItems"))
        return ListingPage(_of(Listing, found), _cursor(following), _of(Unreadable, found), total)

    async def _ordered(self, spot: Spot) -> OrderPage:
        content = await Fulfillment(self.ebay).changed_orders(spot.since, spot.until, spot.position)
        entries = content["orders"]
        found = [ebay_orders.order_of(entry) for entry in entries]
        total = content.get("total") if isinstance(content.get("total"), int) else None
        following = spot.after(len(entries), total=total, is_last=_is_last(spot, len(entries), total))
        return OrderPage(_of(MarketplaceOrder, found), _cursor(following), _of(Unreadable, found), total)

    async def _sold(self, spot: Spot) -> OrderPage:
        root = await Trading(self.ebay).changed_orders(_window(spot))
        found = [ebay_trading_reads.order_of(order) for order in root.all("OrderArray/Order")]
        total = _total(root)
        following = _next_page(spot, total, root.text("HasMoreOrders"))
        return OrderPage(_of(MarketplaceOrder, found), _cursor(following), _of(Unreadable, found), total)


def _is_last(spot: Spot, count: int, total: int | None) -> bool:
    if count == 0:
        return True
    return count < ORDERS_PER_PAGE if total is None else spot.position + count >= total


def _next_page(spot: Spot, total: int | None, has_more: str | None) -> Spot | None:
    return spot.after(1, total=total, is_last=has_more != "true", size=ENTRIES_PER_PAGE)


def _window(spot: Spot) -> Window:
    return Window(spot.since, spot.until, spot.position + 1)


def _total(root: Node) -> int | None:
    return ebay_trading_reads.count_in(root, "PaginationResult/TotalNumberOfEntries")


def _cursor(spot: Spot | None) -> str | None:
    return None if spot is None else str(spot)


def _of(kind: type[Item], found: Sequence[object]) -> tuple[Item, ...]:
    return tuple(one for one in found if isinstance(one, kind))
