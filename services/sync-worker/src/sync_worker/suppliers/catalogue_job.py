"""Brings our copy of a supplier's catalogue up to date, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sync_worker.slices import with_seen
from sync_worker.store import products as store
from sync_worker.store.products import Place
from sync_worker.store.runs import Progress
from sync_worker.suppliers.port import BadItem, Product, ProductPage, Supplier


@dataclass(frozen=True, slots=True)
class CatalogueJob:
    supplier: Supplier
    place: Place

    async def fetch(self, progress: Progress) -> ProductPage:
        return await self.supplier.list_products(progress.cursor)

    async def keep(self, connection: Any, progress: Progress, page: ProductPage) -> Progress:
        products, repeated = _distinct(page.products)
        bad = [*page.bad, *repeated]
        kept = await store.keep_page(connection, self.place, products, bad)
        tally = progress.tally.plus(
            *((item.id, item.reason) for item in bad),
            updated=kept.updated,
            created=kept.created,
            skipped=kept.skipped,
            unchanged=kept.unchanged,
            failed=len(bad),
        )
        return replace(
            with_seen(progress, kept.positions),
            cursor=page.next,
            is_through=page.next is None,
            processed=progress.processed + len(products) + len(bad),
            failed=progress.failed + len(bad),
            total=page.total if page.total is not None else progress.total,
            tally=tally,
        )

    async def finish(self, connection: Any, progress: Progress) -> tuple[Progress, str | None]:
        """What the catalogue does not name any more is withdrawn, but only after a whole catalogue."""
        if (reason := _why_not_whole(progress)) is not None:
            return progress, reason
        withdrawn = await store.withdraw_unseen(connection, self.place.account_id, progress.seen)
        return replace(progress, tally=progress.tally.plus(withdrawn=withdrawn)), None


def _why_not_whole(progress: Progress) -> str | None:
    if progress.processed == 0:
        return "The catalogue was empty: products known from before were left as they are"
    if progress.total is not None and progress.processed < progress.total:
        came = f"{progress.processed} of {progress.total}"
        return f"Only {came} products came: those that did not were left as they are"
    return None


def _distinct(products: Sequence[Product]) -> tuple[list[Product], list[BadItem]]:
    """Of products with one id on a page only the last counts."""
    by_id = {product.id: product for product in products}
    repeated = [item for item in products if by_id[item.id] is not item]
    return list(by_id.values()), [BadItem(item.id, "it is listed twice on one page") for item in repeated]
