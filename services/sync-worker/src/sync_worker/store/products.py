"""What suppliers offer, as last seen."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from shared.db.queries import load_queries
from sync_worker.suppliers.port import BadItem, Product

_queries = load_queries(__file__, "products")


@dataclass(frozen=True, slots=True)
class Place:
    """Whose catalogue it is. `creates_new`: products nobody knew are taken in."""

    account_id: int
    shop_id: int
    creates_new: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What a page changed; `positions`: where the products stand that it named and that are kept."""

    updated: int
    created: int
    skipped: int
    unchanged: int
    positions: list[int]


@dataclass(frozen=True, slots=True)
class Offer:
    """An SKU of an order, and the supplier it is to come from."""

    sku: str
    product: str
    account_id: int
    is_automatic: bool
    connected_at: datetime
    retry_policy: str | None


async def keep_page(
    connection: Any, place: Place, products: Sequence[Product], bad: Sequence[BadItem]
) -> Kept:
    """Writes what is new or changed, in one statement. The products have different ids."""
    contents = [_content(product) for product in products]
    row = await _queries.keep_page(
        connection,
        account_id=place.account_id,
        shop_id=place.shop_id,
        source_ids=[product.id for product in products],
        skus=[product.sku for product in products],
        content_hashes=[_digest(content) for content in contents],
        contents=contents,
        unusable_ids=[item.id for item in bad if item.id is not None],
        creates_new=place.creates_new,
    )
    updated, created, known = row["updated"], row["created"], row["known"]
    return Kept(updated, created, len(products) - known - created, known - updated, row["positions"])


async def withdraw_unseen(connection: Any, account_id: int, seen: bytes) -> int:
    """What the whole catalogue did not name can not be had any more. How many products that concerned."""
    return int(await _queries.withdraw_unseen(connection, account_id=account_id, seen=seen))


async def offers(connection: Any, shop_id: int, order_id: str, skus: Sequence[str]) -> list[Offer]:
    """For each SKU that some supplier offers and that was not ordered yet: the one it is to come from."""
    rows = _queries.offers(connection, shop_id=shop_id, order_id=order_id, skus=list(skus))
    return [Offer(**dict(row)) async for row in rows]


def _content(product: Product) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "title": product.title,
        "description": product.description,
        "price": format(product.price.normalize(), "f"),
        "currency": product.currency,
        "is_available": product.is_available,
        "stock": product.stock,
        "images": list(product.images),
    }


def _digest(content: dict[str, Any]) -> bytes:
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()
