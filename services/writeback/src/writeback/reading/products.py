"""What a shop or marketplace lists: all of it, each time; unchanged products cost no write."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from shared.handling import Outcome, Run
from writeback.marketplaces.port import Listing, Marketplace
from writeback.reading.cursor import Cursor
from writeback.reading.slices import Page, Rules, read_slice
from writeback.store import marketplaces
from writeback.store.marketplaces import Place


async def read_products(run: Run, marketplace: Marketplace, rules: Rules) -> Outcome:
    return await read_slice(run, _Products(marketplace, rules.account_id), rules)


@dataclass(frozen=True, slots=True)
class _Products:
    marketplace: Marketplace
    account_id: int

    async def read(self, cursor: Cursor) -> Page[Listing]:
        page = await self.marketplace.listings(cursor=cursor.after)
        return Page(page.listings, page.next, page.unreadable)

    async def keep(self, connection: Any, run: Run, items: list[Listing]) -> Counter[str]:
        place = Place(self.account_id, run.task.shop_id)
        written = await marketplaces.keep_listings(connection, place, items)
        return Counter(written=written, unchanged=len(items) - written)
