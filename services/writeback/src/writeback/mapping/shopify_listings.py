"""From a variant of the shop's Admin API to a listing. Pure."""

from collections.abc import Mapping
from typing import Any

from writeback.marketplaces.port import Listing

_GRAMS = {"GRAMS": 1.0, "KILOGRAMS": 1000.0, "OUNCES": 28.349523125, "POUNDS": 453.59237}

Node = Mapping[str, Any]


def listing_of(node: Node) -> Listing:
    product = node["product"]
    return Listing(
        id=_number(node["id"]),
        sku=node["sku"] or None,
        title=node["displayName"],
        weight_grams=_weight(node["inventoryItem"]["measurement"]["weight"]),
        image_url=_image(product["featuredMedia"]),
        data={"product_id": _number(product["id"]), "status": product["status"], "price": node["price"]},
    )


def _number(gid: str) -> str:
    """`gid://shopify/ProductVariant/4401` → 4401."""
    return gid.rpartition("/")[2].partition("?")[0]


def _weight(weight: Node | None) -> float | None:
    """Shopify: 0 is what nobody has weighed."""
    if not weight or not weight["value"]:
        return None
    return round(float(weight["value"]) * _GRAMS[weight["unit"]], 3)


def _image(media: Node | None) -> str | None:
    preview = media["preview"] if media else None
    image = preview["image"] if preview else None
    return image["url"] if image else None
