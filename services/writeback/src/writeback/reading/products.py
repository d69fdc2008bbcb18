"""What a shop or marketplace lists: all of it, each time; unchanged products cost no write."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from shared.handling import Outcome, Run
from writeback.reading.cursor import Cursor
from writeback.reading.port import Listing, ListingSource
from writeback.reading.slices import Page, Rules, read_slice
from writeback.store import listings


async def read_products(run: Run, source: ListingSource, rules: Rules) -> Outcome:
    return await read_slice(run, _Products(source, rules.account_id), rules)


@dataclass(frozen=True, slots=True)
class _Products:
    source: ListingSource
    account_id: int

    async def read(self, cursor: Cursor) -> Page[Listing]:
        page = await self.source.listed(cursor.after)
        return Page(page.listings, page.next, Counter(unknown=page.unknown))

    async def keep(self, connection: Any, run: Run, items: list[Listing]) -> Counter[str]:
        distinct = list({item.id: item for item in items}.values())
        owner = listings.Owner(self.account_id, run.task.shop_id)
        written = await listings.keep(connection, owner, distinct)
        return Counter(written=written, unchanged=len(distinct) - written)
