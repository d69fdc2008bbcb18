"""What other systems answer: orders of marketplaces, catalogues and orders of suppliers."""

import math
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import orjson

from shared.suppliers.paging import PagePaging
from shared.suppliers.settings import SupplierSettings
from sync_worker.suppliers.paging import total_of
from sync_worker.suppliers.port import Product
from sync_worker.suppliers.reading import product_of
from tests.fuzz.target import Target
from tests.unit.mutations import almost
from tests.unit.writeback.test_amazon_orders import order as of_amazon
from tests.unit.writeback.test_ebay_reads import rest_order as of_ebay
from writeback.mapping import amazon_orders, ebay_orders
from writeback.mapping.amazon_items import grams
from writeback.marketplaces.port import MarketplaceOrder, Unreadable

PAGES = PagePaging(style="page", size=10, total="available")
FORMAT = SupplierSettings.model_validate_json(
    (Path(__file__).parents[2] / "docs/suppliers/gate4cards.json").read_bytes()
).format
Read = Callable[[Any], MarketplaceOrder | Unreadable]


def orders_read_by(read: Read) -> Callable[[bytes], None]:
    def try_order(data: bytes) -> None:
        """An order that can be kept, or the reason why not."""
        found = read(_json(data))
        if isinstance(found, MarketplaceOrder):
            assert found.ordered_at.astimezone(UTC) == found.ordered_at
            assert found.updated_at.astimezone(UTC) == found.updated_at
        else:
            assert found.reason

    return try_order


def try_product(data: bytes) -> None:
    """A product that can be kept, or the reason why not; and how many there are."""
    item = _json(data)
    assert FORMAT.products is not None
    product = product_of(item, FORMAT.products)
    if isinstance(product, Product):
        assert product.price.is_finite()
        assert (product.stock or 0) >= 0
    else:
        assert product.reason
    total_of(PAGES, item)
    assert math.isfinite(grams(item) or 0)


def _json(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None


_PRODUCT: dict[str, Any] = {
    "sku": "G-1",
    "name": "Card",
    "description": "A card",
    "price": {"amount": "12.50", "currency": "eur"},
    "available": 4,
    "images": ["https://images.example/1.jpg"],
    "unit": "grams",
    "value": 125,
}
TARGETS = (
    Target(
        "orders of Amazon",
        orders_read_by(amazon_orders.order_of),
        almost(of_amazon()),
        [orjson.dumps(of_amazon())],
    ),
    Target(
        "orders of eBay", orders_read_by(ebay_orders.order_of), almost(of_ebay()), [orjson.dumps(of_ebay())]
    ),
    Target("products of a supplier", try_product, almost(_PRODUCT), [orjson.dumps(_PRODUCT)]),
)
