"""What marketplaces and shops list, as last seen."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from shared.db.queries import load_queries
from writeback.reading.port import FoundOrder, Listing

_queries = load_queries(__file__, "listings")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose orders and products they are."""

    account_id: int
    shop_id: int

    @property
    def columns(self) -> dict[str, int]:
        return {"account_id": self.account_id, "shop_id": self.shop_id}


async def keep(connection: Any, owner: Owner, found: Sequence[Listing]) -> int:
    """Writes what is new or has changed; how many that were. The listings have different ids."""
    if not found:
        return 0
    written = await _queries.keep_listings(
        connection,
        **owner.columns,
        source_ids=[one.id for one in found],
        skus=[one.sku for one in found],
        titles=[one.title for one in found],
        weights=[one.weight_grams for one in found],
        image_urls=[one.image_url for one in found],
        content_hashes=[_digest(one) for one in found],
        data=[dict(one.data) for one in found],
    )
    return int(written)


async def note_sold(connection: Any, owner: Owner, orders: Sequence[FoundOrder]) -> None:
    """Products that were never seen before are kept by what their orders tell of them."""
    sold = {one.id: one for order in orders for one in _sold(order)}
    await _queries.note_sold(
        connection,
        **owner.columns,
        source_ids=list(sold),
        skus=[one.sku for one in sold.values()],
        titles=[one.title for one in sold.values()],
        data=[dict(one.data) for one in sold.values()],
    )


async def after(connection: Any, account_id: int, source_id: str, *, limit: int) -> list[Listing]:
    """The account's listings behind this one, in the order of their ids."""
    rows = _queries.listings_after(connection, account_id=account_id, source_id=source_id, limit=limit)
    return [
        Listing(
            row["source_id"], row["sku"], row["title"], row["weight_grams"], row["image_url"], row["data"]
        )
        async for row in rows
    ]


def _sold(order: FoundOrder) -> Iterator[Listing]:
    """A seller's product is known by its SKU; without one by the marketplace's number."""
    for line in order.lines:
        if line.product_id is not None:
            data = {"product_id": line.product_id, "marketplace": order.marketplace}
            yield Listing(line.sku or line.product_id, line.sku, line.title, None, None, data)


def _digest(listing: Listing) -> bytes:
    content = [listing.sku, listing.title, listing.weight_grams, listing.image_url, dict(listing.data)]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()
