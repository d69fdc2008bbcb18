"""Orders of a marketplace: those that changed since the last reading."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from shared.handling import Outcome, Run
from writeback.reading.cursor import Cursor
from writeback.reading.port import FoundOrder, OrderSource
from writeback.reading.slices import Page, Rules, read_slice
from writeback.store import listings, marketplace_orders


async def read_orders(
    run: Run, source: OrderSource, rules: Rules, *, learns_products: bool = False
) -> Outcome:
    """`learns_products`: products are known from orders only, because the marketplace lists none."""
    return await read_slice(run, _Orders(source, rules.account_id, learns_products), rules)


@dataclass(frozen=True, slots=True)
class _Orders:
    source: OrderSource
    account_id: int
    learns_products: bool

    async def read(self, cursor: Cursor) -> Page[FoundOrder]:
        page = await self.source.changed(cursor.since, cursor.after)
        return Page(page.orders, page.next)

    async def keep(self, connection: Any, run: Run, items: list[FoundOrder]) -> Counter[str]:
        place = listings.Owner(self.account_id, run.task.shop_id)
        newest = _newest(items)
        written = await marketplace_orders.keep(connection, place, newest)
        if self.learns_products:
            await listings.note_sold(connection, place, newest)
        return Counter(written=written, unchanged=len(newest) - written)


def _newest(orders: list[FoundOrder]) -> list[FoundOrder]:
    """One of each: pages shift while they are read."""
    by_id: dict[str, FoundOrder] = {}
    for order in orders:
        known = by_id.get(order.id)
        if known is None or known.updated_at < order.updated_at:
            by_id[order.id] = order
    return list(by_id.values())
