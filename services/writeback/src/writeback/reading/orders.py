"""Orders of a marketplace: those that changed since the last reading."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from shared.handling import Outcome, Run
from writeback.marketplaces.port import Marketplace, MarketplaceOrder
from writeback.reading.cursor import Cursor
from writeback.reading.slices import Page, Rules, read_slice
from writeback.store import marketplaces
from writeback.store.marketplaces import Place


async def read_orders(
    run: Run, marketplace: Marketplace, rules: Rules, *, learns_products: bool = False
) -> Outcome:
    """`learns_products`: products are known from orders only, because the marketplace lists none."""
    return await read_slice(run, _Orders(marketplace, rules.account_id, learns_products), rules)


@dataclass(frozen=True, slots=True)
class _Orders:
    marketplace: Marketplace
    account_id: int
    learns_products: bool

    async def read(self, cursor: Cursor) -> Page[MarketplaceOrder]:
        page = await self.marketplace.orders(since=cursor.since, cursor=cursor.after)
        return Page(page.orders, page.next, page.unreadable)

    async def keep(self, connection: Any, run: Run, items: list[MarketplaceOrder]) -> Counter[str]:
        place = Place(self.account_id, run.task.shop_id)
        written = await marketplaces.keep_orders(connection, place, items)
        if self.learns_products:
            await marketplaces.note_sold(connection, place, items)
        return Counter(written=written, unchanged=len(items) - written)
