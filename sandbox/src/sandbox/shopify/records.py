"""What the shop holds now: what its story, its merchant and its apps have made of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from sandbox.shopify.catalogue import OPENED, Product, Variant, products_of, stock_shop
from sandbox.shopify.entities import Customer, Order
from sandbox.shopify.profile import Profile, new_profile
from sandbox.shopify.shelf import Shelf

KEPT = 50_000


@dataclass
class Records:
    """`stock` is what the shop's own orders are made of."""

    profile: Profile
    stock: tuple[Variant, ...]
    customers: Shelf[Customer] = field(default_factory=lambda: Shelf(limit=KEPT))
    orders: Shelf[Order] = field(default_factory=lambda: Shelf(limit=KEPT))
    products: Shelf[Product] = field(default_factory=lambda: Shelf(limit=KEPT))
    _fulfillment_orders: dict[int, int] = field(default_factory=dict)
    _fulfillments: dict[int, int] = field(default_factory=dict)

    def keep_order(self, order: Order) -> Order:
        """Keep the order as it is now and remember what else is found through it."""
        self.orders.put(order)
        _remember(self._fulfillment_orders, (place.id for place in order.fulfillment_orders), order.id)
        _remember(self._fulfillments, (sent.id for sent in order.fulfillments), order.id)
        return order

    def keep_customer(self, customer: Customer) -> Customer:
        self.customers.put(customer)
        return customer

    def order_of_fulfillment_order(self, fulfillment_order_id: int) -> Order | None:
        return self._order_by(self._fulfillment_orders, fulfillment_order_id)

    def order_of_fulfillment(self, fulfillment_id: int) -> Order | None:
        return self._order_by(self._fulfillments, fulfillment_id)

    def _order_by(self, index: dict[int, int], key: int) -> Order | None:
        order_id = index.get(key)
        return self.orders.get(order_id) if order_id is not None else None


def _remember(index: dict[int, int], keys: Iterable[int], order_id: int) -> None:
    index.update(dict.fromkeys(keys, order_id))
    while len(index) > 2 * KEPT:
        del index[next(iter(index))]


def new_records(shop_domain: str) -> Records:
    """The records of a shop that has goods but nobody has bought any."""
    stock = stock_shop(Random(f"stock:{shop_domain}"))
    records = Records(new_profile(shop_domain, OPENED), stock)
    for product in products_of(stock):
        records.products.put(product)
    return records
