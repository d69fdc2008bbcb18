"""Orders and listings of marketplaces, as last seen."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from shared.db.queries import load_queries
from writeback.marketplaces.port import Listing, MarketplaceOrder

_queries = load_queries(__file__, "marketplaces")


@dataclass(frozen=True, slots=True)
class Place:
    """Whose marketplace it is."""

    account_id: int
    shop_id: int


async def keep_orders(connection: Any, place: Place, orders: Sequence[MarketplaceOrder]) -> int:
    """Stores the orders whose state is newer than the known one; how many these are."""
    newest = {order.id: order for order in sorted(orders, key=lambda one: one.updated_at)}
    rows = [_order_row(order) for order in newest.values()]
    return int(await _queries.keep_orders(connection, **asdict(place), orders=rows))


async def keep_listings(connection: Any, place: Place, listings: Sequence[Listing]) -> int:
    """Stores what is new or has changed; how many listings that concerns."""
    rows = [_listing_row(listing) for listing in {one.id: one for one in listings}.values()]
    return int(await _queries.keep_listings(connection, **asdict(place), listings=rows))


async def note_sold(connection: Any, place: Place, orders: Sequence[MarketplaceOrder]) -> None:
    """Products nobody knew are kept by what their orders tell of them, until they are read."""
    sold = {one.id: {**asdict(one), "source_id": one.id} for order in orders for one in _sold(order)}
    await _queries.note_sold(connection, **asdict(place), listings=list(sold.values()))


async def listings_after(connection: Any, account_id: int, source_id: str, *, limit: int) -> list[Listing]:
    """The account's listings behind this one, in the order of their ids."""
    rows = _queries.listings_after(connection, account_id=account_id, source_id=source_id, limit=limit)
    return [
        Listing(
            row["source_id"], row["sku"], row["title"], row["weight_grams"], row["image_url"], row["data"]
        )
        async for row in rows
    ]


def _sold(order: MarketplaceOrder) -> Iterator[Listing]:
    """Sellers share the marketplace's numbers, so theirs is known by its SKU."""
    for line in order.lines:
        if line.product_id is not None:
            data = {"product_id": line.product_id, "marketplace": order.marketplace}
            yield Listing(line.sku or line.product_id, line.sku, line.title, None, None, data)


def _order_row(order: MarketplaceOrder) -> dict[str, Any]:
    return {
        "source_id": order.id,
        "order_number": order.number,
        "status": order.status,
        "is_shippable": order.is_shippable,
        "marketplace": order.marketplace,
        "items": [asdict(line) for line in order.lines],
        "ordered_at": order.ordered_at.isoformat(),
        "updated_at": order.updated_at.isoformat(),
    }


def _listing_row(listing: Listing) -> dict[str, Any]:
    content = asdict(listing)
    digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
    return {"source_id": content.pop("id"), **content, "content_hash": digest.hexdigest()}
