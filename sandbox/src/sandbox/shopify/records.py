"""What the shop holds now: what its story, its merchant and its apps have made of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random

from sandbox.shopify.catalogue import OPENED, Product, Variant, products_of, stock_shop
from sandbox.shopify.entities import Customer, Order
from sandbox.shopify.moments import later
from sandbox.shopify.profile import Profile, new_profile
from sandbox.shopify.shelf import Shelf
from sandbox.shopify.volume import VolumeOrder
from sandbox.shopify.volume_orders import PastOrders
from sandbox.shopify.volume_people import PastCustomers
from sandbox.shopify.volume_products import PastProducts

KEPT = 50_000


@dataclass(frozen=True)
class Past:
    """What was before the sandbox began, made up to any number."""

    customers: PastCustomers
    orders: PastOrders


@dataclass
class Records:
    """`stock` is what the shop's own orders are made of."""

    profile: Profile
    stock: tuple[Variant, ...]
    customers: Shelf[Customer] = field(default_factory=lambda: Shelf(limit=KEPT))
    orders: Shelf[Order] = field(default_factory=lambda: Shelf(limit=KEPT))
    products: Shelf[Product] = field(default_factory=lambda: Shelf(limit=KEPT))
    _past: Past | None = None
    _fulfillment_orders: dict[int, int] = field(default_factory=dict)
    _fulfillments: dict[int, int] = field(default_factory=dict)
    _refunds: dict[int, int] = field(default_factory=dict)

    def keep_order(self, order: Order) -> Order:
        """Keep the order as it is now and remember what else is found through it."""
        self.orders.put(order)
        _remember(self._fulfillment_orders, (place.id for place in order.fulfillment_orders), order.id)
        _remember(self._fulfillments, (sent.id for sent in order.fulfillments), order.id)
        _remember(self._refunds, (refund.id for refund in order.refunds), order.id)
        return order

    def keep_customer(self, customer: Customer) -> Customer:
        self.customers.put(customer)
        return customer

    def orders_of(self, customer: Customer) -> list[Order]:
        """What this customer ordered, as far as it is kept or made."""
        kept = [o for o in self.orders.kept() if o.customer and o.customer.id == customer.id]
        return [*self._past_orders_of(customer, {order.id for order in kept}), *kept]

    def order_of_fulfillment_order(self, fulfillment_order_id: int) -> Order | None:
        order_id = self._fulfillment_orders.get(fulfillment_order_id)
        if order_id is None and self._past is not None:
            order_id = self._past.orders.id_by_fulfillment_order(fulfillment_order_id)
        return None if order_id is None else self.orders.get(order_id)

    def order_of_fulfillment(self, fulfillment_id: int) -> Order | None:
        order_id = self._fulfillments.get(fulfillment_id)
        if order_id is None and self._past is not None:
            order_id = self._past.orders.id_by_fulfillment(fulfillment_id)
        return None if order_id is None else self.orders.get(order_id)

    def order_of_refund(self, refund_id: int) -> Order | None:
        order_id = self._refunds.get(refund_id)
        if order_id is None and self._past is not None:
            order_id = self._past.orders.id_by_refund(refund_id)
        return None if order_id is None else self.orders.get(order_id)

    def fill(self, order: VolumeOrder) -> None:
        """Give the shop a past of this size, in place of any former one."""
        customers = PastCustomers(order)
        self._past = Past(customers, PastOrders(order, self.stock, customers))
        self.customers.fill(customers)
        self.orders.fill(self._past.orders)
        self.products.fill(PastProducts(order))

    def _past_orders_of(self, customer: Customer, but: set[int]) -> list[Order]:
        if self._past is None or (index := self._past.customers.index_of(customer.id)) is None:
            return []
        orders = (self._past.orders.at(number) for number in self._past.customers.order_indexes(index))
        return [order for order in orders if order.id not in but]

    def change_profile(self, fields: dict[str, str]) -> None:
        """Other values of the shop's own fields."""
        now = later(self.profile.updated_at, datetime.now(UTC))
        self.profile = replace(self.profile, **fields, updated_at=now)  # type: ignore[arg-type]

    def snapshot(self) -> "Records":
        """The records as they are now, which nothing changes any more."""
        return Records(
            self.profile,
            self.stock,
            customers=self.customers.copy(),
            orders=self.orders.copy(),
            products=self.products.copy(),
            _past=self._past,
        )

    def size(self) -> int:
        """How many resources there are in all."""
        return len(self.customers) + len(self.orders) + len(self.products)


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
