"""What a seller has for sale, as Catalog Items 2022-04-01 shows it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sandbox.amazon.refusals import invalid

DATASETS = frozenset(
    {"attributes", "classifications", "dimensions", "identifiers", "images", "productTypes"}
    | {"relationships", "salesRanks", "summaries", "vendorDetails"}
)
_GOODS = ("Head torch", "Water filter", "Dry bag", "Camp mug", "Rain cover", "Power bank")


@dataclass(frozen=True)
class Product:
    asin: str
    sku: str
    title: str
    brand: str = "Norrsken"
    weight: float = 250.0
    weight_unit: str = "grams"
    image: str = "https://images.example/amazon.jpg"
    ean: str = "7300000000000"


def first_products() -> dict[str, Product]:
    """By SKU."""
    products = [
        Product(
            asin=f"B0SANDBX{number:02}",
            sku=f"AMZ-{number:03}",
            title=f"{name}, black",
            weight=100.0 + 25 * number,
            image=f"https://images.example/AMZ-{number:03}.jpg",
            ean=f"73000000000{number:02}",
        )
        for number, name in enumerate(_GOODS, 1)
    ]
    return {product.sku: product for product in products}


def changed(known: Product | None, sku: str, wanted: dict[str, Any]) -> Product:
    """The product with what is wanted; a new one needs an ASIN and a title. Raises TypeError."""
    return Product(sku=sku, **wanted) if known is None else replace(known, **wanted)


def identified(products: Iterable[Product], kind: str, wanted: set[str]) -> list[Product]:
    """Raises Refusal for kinds of identifiers the sandbox does not have."""
    known: dict[str, Callable[[Product], str]] = {
        "ASIN": lambda one: one.asin,
        "SKU": lambda one: one.sku,
        "EAN": lambda one: one.ean,
    }
    if kind not in known:
        raise invalid(f"identifiersType {kind} is not known here", "identifiersType")
    found = {one.asin: one for one in products if known[kind](one) in wanted}
    return list(found.values())


def shown(product: Product, marketplace_id: str, included: frozenset[str]) -> dict[str, Any]:
    """The item with the datasets that were asked for; others are empty."""
    weight = {"unit": product.weight_unit, "value": product.weight}
    image = {"variant": "MAIN", "link": product.image, "height": 500, "width": 500}
    summary = {"brand": product.brand, "itemName": product.title, "modelNumber": product.sku}
    by_marketplace: dict[str, dict[str, Any]] = {
        "summaries": {"marketplaceId": marketplace_id, **summary},
        "dimensions": {"marketplaceId": marketplace_id, "item": {"weight": weight}},
        "images": {"marketplaceId": marketplace_id, "images": [image]},
        "identifiers": {
            "marketplaceId": marketplace_id,
            "identifiers": [{"identifierType": "EAN", "identifier": product.ean}],
        },
    }
    datasets = {name: [by_marketplace[name]] for name in sorted(included) if name in by_marketplace}
    return {"asin": product.asin, **datasets}
