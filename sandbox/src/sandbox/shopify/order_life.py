"""What happens to one order after it was placed, and what each step tells."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from sandbox.shopify import shipping, shopping
from sandbox.shopify.entities import Order
from sandbox.shopify.numbers import Numbers
from sandbox.shopify.records import Records
from sandbox.shopify.refunding import RefundKind, can_refund, refund
from sandbox.shopify.telling import (
    Happening,
    edit_told,
    fulfillment_told,
    last_refund_told,
    order_told,
)

_UNPAID_CANCELLED = 0.15
_PAID_CANCELLED = 0.12
_UNPAID_EDITED = 0.2
_SENT_IN_PARTS = 0.35
_PARCEL_SEEN = 0.3
_NEVER_RETURNED = 0.7
_REFUNDS = (*[RefundKind.BOTH] * 4, RefundKind.MONEY_ONLY, RefundKind.GOODS_ONLY)


@dataclass(frozen=True)
class Step:
    """The order after the step; `ended` when nothing will happen to it any more."""

    order: Order
    told: list[Happening]
    ended: bool = False


class OrderLife:
    """Seeded steps of one order: paid, edited, sent, seen on its way, refunded, cancelled."""

    def __init__(self, rng: Random, numbers: Numbers, records: Records) -> None:
        self._rng = rng
        self._numbers = numbers
        self._records = records

    def move(self, order: Order, at: datetime) -> Step:
        """What comes next."""
        if order.financial_status in ("pending", "authorized"):
            return self._move_unpaid(order, at)
        if all(line.open <= 0 for line in order.lines):
            return self._move_sent(order, at)
        untouched = not order.fulfillments and not order.refunds
        cancels = untouched and self._chance(_PAID_CANCELLED)
        return self._cancel(order, at) if cancels else self._ship(order, at)

    def _move_unpaid(self, order: Order, at: datetime) -> Step:
        if self._chance(_UNPAID_CANCELLED):
            return self._cancel(order, at)
        if self._chance(_UNPAID_EDITED):
            return self._edit(order, at)
        paid = shopping.pay(order, at)
        return Step(paid, self._tell(paid, "orders/paid", "orders/updated"))

    def _move_sent(self, order: Order, at: datetime) -> Step:
        if order.fulfillments and self._chance(_PARCEL_SEEN):
            return self._see_parcel(order, at)
        kind = self._rng.choice(_REFUNDS)
        if not can_refund(order, kind):
            return Step(order, [], ended=True)
        refunded = refund(order, kind, self._rng, self._numbers, at)
        return Step(refunded, [last_refund_told(refunded), *self._tell(refunded, "orders/updated")])

    def _edit(self, order: Order, at: datetime) -> Step:
        edited = shopping.edit(order, self._rng.choice(self._records.stock), self._numbers, at)
        told = edit_told(edited, edited.lines[-1], self._numbers.resource_id())
        return Step(edited, [told, *self._tell(edited, "orders/updated")])

    def _cancel(self, order: Order, at: datetime) -> Step:
        cancelled = shopping.cancel(order, self._rng, self._numbers, at)
        told = self._tell(cancelled, "orders/cancelled", "orders/updated")
        money_back = [last_refund_told(cancelled)] if cancelled.refunds else []
        return Step(cancelled, [*told, *money_back], ended=True)

    def _ship(self, order: Order, at: datetime) -> Step:
        partly = shipping.can_ship_partly(order) and self._chance(_SENT_IN_PARTS)
        quantities = shipping.waiting_quantities(order, partly=partly)
        tracking = shipping.new_tracking(self._rng, self._numbers)
        sent = shipping.new_fulfillment(order, self._numbers, at, tracking=tracking, quantities=quantities)
        shipped = shipping.ship(order, quantities, sent)
        topic = "orders/partially_fulfilled" if partly else "orders/fulfilled"
        told = [
            fulfillment_told("fulfillments/create", shipped, sent),
            *self._tell(shipped, topic, "orders/updated"),
        ]
        return Step(shipped, told, ended=not partly and self._chance(_NEVER_RETURNED))

    def _see_parcel(self, order: Order, at: datetime) -> Step:
        seen = shipping.changed_fulfillment(order, shipping.moved_on(order.fulfillments[-1]), at)
        told = fulfillment_told("fulfillments/update", seen, seen.fulfillments[-1])
        return Step(seen, [told, *self._tell(seen, "orders/updated")])

    def _tell(self, order: Order, *topics: str) -> list[Happening]:
        return order_told(order, topics, shop_domain=self._records.profile.domain)

    def _chance(self, share: float) -> bool:
        return self._rng.random() < share
