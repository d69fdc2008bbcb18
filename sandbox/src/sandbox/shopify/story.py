"""The shop's life: who signs up, buys, moves house; which orders are paid, sent, cancelled, refunded."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sandbox.shopify import shopping
from sandbox.shopify.catalogue import stock_shop
from sandbox.shopify.entities import Customer, Order
from sandbox.shopify.numbers import Numbers
from sandbox.shopify.people import edited, new_customer
from sandbox.shopify.telling import (
    Happening,
    customer_told,
    last_fulfillment_told,
    last_refund_told,
    order_told,
)

KEPT_CUSTOMERS = 1_000
KEPT_ORDERS = 500
_SECOND = timedelta(seconds=1)
_UNPAID_CANCELLED = 0.15
_PAID_CANCELLED = 0.12
_SENT_IN_PARTS = 0.35
_NEVER_RETURNED = 0.7
Action = Callable[[datetime], list[Happening]]


class Story:
    """Seeded; keeps only what can still change, so it may run for ever."""

    def __init__(self, *, seed: str, numbers: Numbers, shop_domain: str) -> None:
        self._rng = Random(f"story:{seed}")
        self._numbers = numbers
        self._shop_domain = shop_domain
        self._stock = stock_shop(Random(f"stock:{seed}"))
        self._customers: dict[int, Customer] = {}
        self._open_orders: dict[int, Order] = {}

    def happen(self, now: datetime) -> list[Happening]:
        """One action of a buyer or the merchant, and all it tells; `now` in whole seconds."""
        actions: list[tuple[Action, int]] = [
            (self._first_order, 5),
            (self._guest_order, 2),
            (self._sign_up, 1),
        ]
        if self._customers:
            actions += [(self._next_order, 3), (self._edit_customer, 3), (self._delete_customer, 1)]
        if self._open_orders:
            actions.append((self._move_order, 12))
        return self._rng.choices([a for a, _ in actions], weights=[weight for _, weight in actions])[0](now)

    def _sign_up(self, now: datetime) -> list[Happening]:
        return [customer_told("customers/create", self._kept(new_customer(self._rng, self._numbers, now)))]

    def _edit_customer(self, now: datetime) -> list[Happening]:
        customer = self._any_customer()
        changed = edited(customer, self._rng, self._numbers, later(customer.updated_at, now))
        return [customer_told("customers/update", self._kept(changed))]

    def _delete_customer(self, now: datetime) -> list[Happening]:
        """Only a customer without orders can be deleted."""
        without_orders = [customer for customer in self._customers.values() if customer.orders == 0]
        if not without_orders:
            return []
        customer = self._customers.pop(self._rng.choice(without_orders).id)
        gone = replace(customer, updated_at=later(customer.updated_at, now))
        return [customer_told("customers/delete", gone)]

    def _first_order(self, now: datetime) -> list[Happening]:
        customer = self._kept(new_customer(self._rng, self._numbers, now))
        return [customer_told("customers/create", customer), *self._order_of(customer, now)]

    def _next_order(self, now: datetime) -> list[Happening]:
        return self._order_of(self._any_customer(), now)

    def _order_of(self, customer: Customer, now: datetime) -> list[Happening]:
        at = later(customer.updated_at, now)
        counted = self._kept(replace(customer, orders=customer.orders + 1, updated_at=at))
        order = shopping.place_order(counted, self._stock, self._rng, self._numbers, now)
        return [customer_told("customers/update", counted), *self._placed(order)]

    def _guest_order(self, now: datetime) -> list[Happening]:
        return self._placed(shopping.place_order(None, self._stock, self._rng, self._numbers, now))

    def _placed(self, order: Order) -> list[Happening]:
        paid_at_once = ("orders/paid",) if order.financial_status == "paid" else ()
        return self._tell(order, "orders/create", "orders/updated", *paid_at_once)

    def _move_order(self, now: datetime) -> list[Happening]:
        """What comes next in the life of one open order."""
        order = self._rng.choice(list(self._open_orders.values()))
        at = later(order.updated_at, now)
        if order.customer is not None:
            order = replace(order, customer=self._customers.get(order.customer.id, order.customer))
        if order.financial_status in ("pending", "authorized"):
            return self._cancel(order, at) if self._chance(_UNPAID_CANCELLED) else self._pay(order, at)
        if all(line.open <= 0 for line in order.lines):
            return self._refund(order, at)
        untouched = not order.fulfillments and not order.refunds
        return (
            self._cancel(order, at) if untouched and self._chance(_PAID_CANCELLED) else self._ship(order, at)
        )

    def _pay(self, order: Order, at: datetime) -> list[Happening]:
        return self._tell(shopping.pay(order, at), "orders/paid", "orders/updated")

    def _cancel(self, order: Order, at: datetime) -> list[Happening]:
        cancelled = shopping.cancel(order, self._rng, self._numbers, at)
        told = self._tell(cancelled, "orders/cancelled", "orders/updated")
        return [*told, last_refund_told(cancelled)] if cancelled.refunds else told

    def _ship(self, order: Order, at: datetime) -> list[Happening]:
        partly = shopping.can_ship_partly(order) and self._chance(_SENT_IN_PARTS)
        shipped = shopping.ship(order, self._rng, self._numbers, at, partly=partly)
        topic = "orders/partially_fulfilled" if partly else "orders/fulfilled"
        told = [last_fulfillment_told(shipped), *self._tell(shipped, topic, "orders/updated")]
        if not partly and self._chance(_NEVER_RETURNED):
            self._open_orders.pop(order.id, None)
        return told

    def _refund(self, order: Order, at: datetime) -> list[Happening]:
        refunded = shopping.refund_items(order, self._rng, self._numbers, at)
        return [last_refund_told(refunded), *self._tell(refunded, "orders/updated")]

    def _tell(self, order: Order, *topics: str) -> list[Happening]:
        self._open_orders.pop(order.id, None)
        if not order.is_finished:
            self._open_orders[order.id] = order
            _drop_oldest(self._open_orders, KEPT_ORDERS)
        return order_told(order, topics, shop_domain=self._shop_domain)

    def _kept(self, customer: Customer) -> Customer:
        self._customers[customer.id] = customer
        _drop_oldest(self._customers, KEPT_CUSTOMERS)
        return customer

    def _chance(self, share: float) -> bool:
        return self._rng.random() < share

    def _any_customer(self) -> Customer:
        return self._rng.choice(list(self._customers.values()))


def later(previous: datetime, now: datetime) -> datetime:
    """A moment after the previous change even within one second, the resolution of `updated_at`."""
    return max(now, previous + _SECOND)


def _drop_oldest(kept: dict[int, Any], limit: int) -> None:
    while len(kept) > limit:
        del kept[next(iter(kept))]
