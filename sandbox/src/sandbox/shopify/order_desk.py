"""What the merchant, a buyer or an app does to an order, outside the story; each deed is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sandbox.shopify import shipping, shopping
from sandbox.shopify.catalogue import Variant
from sandbox.shopify.entities import ZERO, Customer, Fulfillment, Line, Metafield, Order, Tracking
from sandbox.shopify.markets import MAIN_LOCATION, SECOND_LOCATION
from sandbox.shopify.moments import later
from sandbox.shopify.numbers import Numbers
from sandbox.shopify.postbox import Postbox
from sandbox.shopify.records import Records
from sandbox.shopify.refunding import RefundKind, refund
from sandbox.shopify.telling import (
    Happening,
    deleted_order_told,
    edit_told,
    fulfillment_told,
    last_refund_told,
    order_told,
)


@dataclass(frozen=True)
class Cart:
    """What a buyer orders; a customer's market and address are used, a guest's are made up. `ago`: when.

    `email`: instead of the customer's or the one made up.
    """

    customer: Customer | None
    contents: tuple[tuple[Variant, int], ...]
    paid: bool = True
    shipping_price: Decimal = ZERO
    locations: int = 1
    ago: timedelta = timedelta()
    email: str | None = None


@dataclass
class OrderDesk:
    records: Records
    numbers: Numbers
    rng: Random
    postbox: Postbox

    def place(self, cart: Cart, *, tell: bool = True) -> Order:
        at = datetime.now(UTC).replace(microsecond=0) - cart.ago
        made = shopping.place_order(cart.customer, self.records.stock, self.rng, self.numbers, at)
        lines = tuple(
            Line(self.numbers.resource_id(), variant, quantity, ZERO, made.market)
            for variant, quantity in cart.contents
        )
        locations = (MAIN_LOCATION, SECOND_LOCATION)[: cart.locations]
        order = replace(
            made,
            email=cart.email or made.email,
            lines=lines,
            shipping_price=cart.shipping_price,
            discount_code=None,
            discount_percent=0,
            financial_status="paid" if cart.paid else "pending",
            fulfillment_orders=shipping.fulfillment_orders(lines, self.numbers, locations),
        )
        paid = ("orders/paid",) if cart.paid else ()
        return self._keep(order, ("orders/create", "orders/updated", *paid), tell=tell)

    def pay(self, order: Order, *, tell: bool = True) -> Order:
        return self._keep(shopping.pay(order, _next(order)), ("orders/paid", "orders/updated"), tell=tell)

    def cancel(self, order: Order, *, tell: bool = True) -> Order:
        cancelled = shopping.cancel(order, self.rng, self.numbers, _next(order))
        told = [last_refund_told(cancelled)] if len(cancelled.refunds) > len(order.refunds) else []
        return self._keep(cancelled, ("orders/cancelled", "orders/updated"), also=told, tell=tell)

    def refund(self, order: Order, kind: RefundKind, *, tell: bool = True) -> Order:
        refunded = refund(order, kind, self.rng, self.numbers, _next(order))
        return self._keep(refunded, ("orders/updated",), also=[last_refund_told(refunded)], tell=tell)

    def edit(self, order: Order, variant: Variant, *, tell: bool = True) -> Order:
        """One piece more of this variant."""
        edited = shopping.edit(order, variant, self.numbers, _next(order))
        told = edit_told(edited, edited.lines[-1], self.numbers.resource_id())
        return self._keep(edited, ("orders/updated",), also=[told], tell=tell)

    def delete(self, order: Order, *, tell: bool = True) -> None:
        self.records.orders.remove(order.id)
        if tell:
            self.postbox.post([deleted_order_told(replace(order, updated_at=_next(order)))])

    def change(self, order: Order, fields: dict[str, Any], *, tell: bool = True) -> Order:
        """Other values of note, tags, attributes or fulfilment orders; no difference tells nothing."""
        if all(getattr(order, name) == value for name, value in fields.items()):
            return order
        changed = replace(order, **fields, updated_at=_next(order))
        return self._keep(changed, ("orders/updated",), tell=tell)

    def hold(self, order: Order, *, on_hold: bool, tell: bool = True) -> Order:
        """Put everything that waits on hold, or release it."""
        places = tuple(replace(place, on_hold=on_hold) for place in order.fulfillment_orders)
        return self.change(order, {"fulfillment_orders": places}, tell=tell)

    def set_metafield(self, order: Order, key: tuple[str, str], *, kind: str, value: str) -> Metafield:
        """Write one metafield (namespace, key); a metafield is not told by the order's topics."""
        before = next((m for m in order.metafields if (m.namespace, m.key) == key), None)
        made = Metafield(before.id if before else self.numbers.resource_id(), *key, kind, value)
        others = tuple(m for m in order.metafields if m is not before)
        self.records.keep_order(replace(order, metafields=(*others, made), updated_at=_next(order)))
        return made

    def ship(
        self, order: Order, quantities: Mapping[int, int], tracking: Tracking | None, *, tell: bool = True
    ) -> Order:
        """Send these items (line id: number); without tracking a carrier's is made up."""
        at, tracking = _next(order), tracking or shipping.new_tracking(self.rng, self.numbers)
        sent = shipping.new_fulfillment(order, self.numbers, at, tracking=tracking, quantities=quantities)
        shipped = shipping.ship(order, quantities, sent)
        whole = shipped.fulfillment_status == "fulfilled"
        topics = ("orders/fulfilled" if whole else "orders/partially_fulfilled", "orders/updated")
        told = fulfillment_told("fulfillments/create", shipped, sent)
        return self._keep(shipped, topics, also=[told], tell=tell)

    def retrack(self, order: Order, sent: Fulfillment, tracking: Tracking, *, tell: bool = True) -> Order:
        changed = shipping.changed_fulfillment(order, replace(sent, tracking=tracking), _next(order))
        return self._moved(changed, sent.id, tell=tell)

    def cancel_fulfillment(self, order: Order, sent: Fulfillment, *, tell: bool = True) -> Order:
        return self._moved(shipping.cancel_fulfillment(order, sent, _next(order)), sent.id, tell=tell)

    def _moved(self, order: Order, fulfillment_id: int, *, tell: bool) -> Order:
        moved = next(one for one in order.fulfillments if one.id == fulfillment_id)
        told = fulfillment_told("fulfillments/update", order, moved)
        return self._keep(order, ("orders/updated",), also=[told], tell=tell)

    def _keep(
        self, order: Order, topics: tuple[str, ...], *, also: list[Happening] | None = None, tell: bool
    ) -> Order:
        self.records.keep_order(order)
        if tell:
            told = order_told(order, topics, shop_domain=self.records.profile.domain)
            self.postbox.post([*(also or []), *told])
        return order


def _next(order: Order) -> datetime:
    return later(order.updated_at, datetime.now(UTC))
