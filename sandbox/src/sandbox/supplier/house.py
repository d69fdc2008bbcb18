"""One supplier: its terms, catalogue and orders. It refuses here; how it says so, its style decides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.supplier.catalogue import Catalogue
from sandbox.supplier.orders import Item, OrderBook, PlacedOrder, Stage
from sandbox.supplier.terms import Terms


class Refusal(Exception):
    """Why an order is not taken: unknown_sku, out_of_stock, invalid, not_found or not_cancellable."""

    def __init__(self, code: str, message: str, *, sku: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.sku = sku


class Repeated(Exception):
    """The PO number has been seen; `order` is what it led to."""

    def __init__(self, order: PlacedOrder) -> None:
        super().__init__(order.po_number)
        self.order = order


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Supplier:
    name: str
    terms: Terms
    orders: OrderBook = field(default_factory=OrderBook)
    clock: Callable[[], datetime] = _utc_now

    @property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.terms)

    def place(self, po_number: Any, items: Sequence[Item], recipient: Any) -> PlacedOrder:
        """Take an order; raises Repeated for a known PO number and Refusal for what cannot be delivered."""
        if not isinstance(po_number, str) or not po_number.strip():
            raise Refusal("invalid", "a PO number is required")
        known = self.orders.of_po(po_number)
        if known is not None:
            known.times_received += 1
            raise Repeated(self._settled(known))
        if not items or any(item.quantity < 1 for item in items):
            raise Refusal("invalid", "at least one item, at least one piece of each")
        if not isinstance(recipient, dict) or not recipient:
            raise Refusal("invalid", "a recipient is required")
        for item in items:
            self._check(item)
        return self.orders.place(po_number, tuple(items), recipient, self.clock())

    def _check(self, item: Item) -> None:
        product = self.catalogue.by_sku(item.sku)
        if product is None:
            raise Refusal("unknown_sku", f"unknown product {item.sku}", sku=item.sku)
        if product.stock < item.quantity:
            raise Refusal("out_of_stock", f"{product.stock} of {item.sku} in stock", sku=item.sku)

    def find(self, number: int) -> PlacedOrder:
        """Raises Refusal."""
        order = self.orders.by_number.get(number)
        if order is None:
            raise Refusal("not_found", f"no order {number}")
        return self._settled(order)

    def list(self, *, since: datetime | None, po_number: str | None) -> list[PlacedOrder]:
        for order in self.orders.by_number.values():
            self._settled(order)
        found = self.orders.changed_since(since)
        return [order for order in found if po_number in (None, order.po_number)]

    def cancel(self, number: int) -> PlacedOrder:
        """Raises Refusal for what has left the house; cancelling again changes nothing."""
        order = self.find(number)
        if order.stage is Stage.CANCELLED:
            return order
        if order.stage >= Stage.SHIPPED:
            raise Refusal("not_cancellable", f"order {number} has been sent")
        order.move_to(Stage.CANCELLED, self.clock())
        return order

    def _settled(self, order: PlacedOrder) -> PlacedOrder:
        order.settle(self.clock(), self.terms.step_s)
        return order
