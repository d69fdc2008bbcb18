"""The shop's life: who signs up, buys, moves house; which orders are paid, sent, cancelled, refunded."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import TypeVar

from sandbox.shopify import shopping
from sandbox.shopify.customer_life import CustomerLife
from sandbox.shopify.entities import Customer, Order
from sandbox.shopify.moments import later
from sandbox.shopify.numbers import Numbers
from sandbox.shopify.order_life import OrderLife
from sandbox.shopify.people import new_customer
from sandbox.shopify.records import Records
from sandbox.shopify.telling import Happening, customer_told, deleted_order_told, order_told, shop_told

KEPT_CUSTOMERS = 1_000
KEPT_ORDERS = 500
KEPT_CANCELLED = 50
Action = Callable[[datetime], list[Happening]]
Found = TypeVar("Found", Customer, Order)


class Story:
    """Seeded; looks after only what can still change, so it may run for ever. `records` hold the rest."""

    def __init__(self, *, seed: str, numbers: Numbers, records: Records) -> None:
        self._rng = Random(f"story:{seed}")
        self._numbers = numbers
        self._records = records
        self._customers: dict[int, None] = {}
        self._open_orders: dict[int, None] = {}
        self._cancelled: dict[int, None] = {}
        self._life = CustomerLife(self._rng, numbers)
        self._orders = OrderLife(self._rng, numbers, records)

    def happen(self, now: datetime) -> list[Happening]:
        """One action of a buyer or the merchant, and all it tells; `now` in whole seconds."""
        actions: list[tuple[Action, float]] = [
            (self._first_order, 5),
            (self._guest_order, 2),
            (self._sign_up, 1),
            (self._change_shop, 0.1),
        ]
        if self._customers:
            actions += [(self._next_order, 3), (self._change_customer, 5), (self._delete_customer, 1)]
        if self._open_orders:
            actions.append((self._move_order, 12))
        if self._cancelled:
            actions.append((self._delete_order, 0.3))
        weights = [weight for _, weight in actions]
        return self._rng.choices([action for action, _ in actions], weights=weights)[0](now)

    def _sign_up(self, now: datetime) -> list[Happening]:
        return [customer_told("customers/create", self._kept(new_customer(self._rng, self._numbers, now)))]

    def _change_shop(self, now: datetime) -> list[Happening]:
        phone = f"+4610{self._numbers.digits(7)}"
        before = self._records.profile
        self._records.profile = replace(before, phone=phone, updated_at=later(before.updated_at, now))
        return [shop_told("shop/update", self._records.profile)]

    def _change_customer(self, now: datetime) -> list[Happening]:
        customer = self._any_customer()
        if customer is None:
            return []
        changed, told = self._life.change(customer, later(customer.updated_at, now))
        self._kept(changed)
        return told

    def _delete_customer(self, now: datetime) -> list[Happening]:
        """Only a customer without orders can be deleted."""
        present = (self._records.customers.get(customer_id) for customer_id in self._customers)
        without_orders = [customer for customer in present if customer and not customer.orders]
        if not without_orders:
            return []
        customer = self._rng.choice(without_orders)
        del self._customers[customer.id]
        self._records.customers.remove(customer.id)
        gone = replace(customer, updated_at=later(customer.updated_at, now))
        return [customer_told("customers/delete", gone)]

    def _first_order(self, now: datetime) -> list[Happening]:
        customer = self._kept(new_customer(self._rng, self._numbers, now))
        return [customer_told("customers/create", customer), *self._order_of(customer, now)]

    def _next_order(self, now: datetime) -> list[Happening]:
        customer = self._any_customer()
        return self._order_of(customer, now) if customer else []

    def _order_of(self, customer: Customer, now: datetime) -> list[Happening]:
        at = later(customer.updated_at, now)
        counted = self._kept(replace(customer, orders=customer.orders + 1, updated_at=at))
        return [customer_told("customers/update", counted), *self._placed(counted, now)]

    def _guest_order(self, now: datetime) -> list[Happening]:
        return self._placed(None, now)

    def _placed(self, customer: Customer | None, now: datetime) -> list[Happening]:
        order = shopping.place_order(customer, self._records.stock, self._rng, self._numbers, now)
        self._keep(order)
        paid_at_once = ("orders/paid",) if order.financial_status == "paid" else ()
        topics = ("orders/create", "orders/updated", *paid_at_once)
        return order_told(order, topics, shop_domain=self._records.profile.domain)

    def _move_order(self, now: datetime) -> list[Happening]:
        """What comes next in the life of one open order."""
        order = self._any_open_order()
        if order is None:
            return []
        at = later(order.updated_at, now)
        if order.customer is not None:
            present = self._records.customers.get(order.customer.id)
            order = replace(order, customer=present or order.customer)
        step = self._orders.move(order, at)
        self._keep(step.order, ended=step.ended)
        return step.told

    def _delete_order(self, now: datetime) -> list[Happening]:
        """Only a cancelled order can be deleted."""
        order = self._records.orders.get(self._cancelled.popitem()[0])
        if order is None:
            return []
        self._records.orders.remove(order.id)
        return [deleted_order_told(replace(order, updated_at=later(order.updated_at, now)))]

    def _keep(self, order: Order, *, ended: bool = False) -> None:
        """Keep the order, and look after it until nothing happens to it any more."""
        self._records.keep_order(order)
        self._open_orders.pop(order.id, None)
        if order.cancelled_at is not None:
            _look_after(self._cancelled, order.id, KEPT_CANCELLED)
        elif not order.is_finished and not ended:
            _look_after(self._open_orders, order.id, KEPT_ORDERS)

    def _kept(self, customer: Customer) -> Customer:
        _look_after(self._customers, customer.id, KEPT_CUSTOMERS)
        return self._records.keep_customer(customer)

    def _any_customer(self) -> Customer | None:
        return self._present_one(self._customers, self._records.customers.get)

    def _any_open_order(self) -> Order | None:
        return self._present_one(self._open_orders, self._records.orders.get)

    def _present_one(self, known: dict[int, None], get: Callable[[int], Found | None]) -> Found | None:
        """One of those known that still exists; one that does not is forgotten."""
        chosen = self._rng.choice(list(known))
        found = get(chosen)
        if found is None:
            del known[chosen]
        return found


def _look_after(known: dict[int, None], resource_id: int, limit: int) -> None:
    known[resource_id] = None
    while len(known) > limit:
        del known[next(iter(known))]
