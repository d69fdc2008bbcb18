"""The sender: what it knows, and the messages it makes of it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import uuid4

import orjson

from sandbox.sending.standard import Message
from sandbox.shopify import shipping, shopping
from sandbox.shopify.catalogue import stock_shop
from sandbox.shopify.entities import Customer, Order
from sandbox.shopify.moments import later
from sandbox.shopify.numbers import Numbers
from sandbox.shopify.people import edited, new_customer
from sandbox.standard.bodies import customer_data, order_data

# The key is the text "sandbox-standard-webhook-secret1".
DEFAULT_SECRET = "whsec_c2FuZGJveC1zdGFuZGFyZC13ZWJob29rLXNlY3JldDE="  # noqa: S105
TYPES = (
    "customer.created",
    "customer.updated",
    "customer.deleted",
    "order.created",
    "order.updated",
    "order.paid",
    "order.fulfilled",
    "order.cancelled",
    "order.deleted",
)


@dataclass
class StandardSender:
    """`shop` ends the address `/webhooks/standard/{shop}`."""

    shop: str
    secret: str = field(default=DEFAULT_SECRET, repr=False)
    old_secret: str | None = field(default=None, repr=False)
    orders: dict[int, Order] = field(default_factory=dict)
    customers: dict[int, Customer] = field(default_factory=dict)
    _numbers: Numbers = field(default_factory=lambda: Numbers(f"standard:{uuid4()}"))
    _rng: Random = field(default_factory=lambda: Random("standard"))

    def happen(self, kind: str, wanted: int | None) -> dict[str, Any]:
        """Let it happen (to the resource wanted, else the last one) and return the message's data."""
        thing, _, event = kind.partition(".")
        return self._customer(event, wanted) if thing == "customer" else self._order(event, wanted)

    def _customer(self, event: str, wanted: int | None) -> dict[str, Any]:
        now = datetime.now(UTC).replace(microsecond=0)
        known = self.customers.get(wanted or 0) or next(reversed(self.customers.values()), None)
        if event == "created" or known is None:
            known = new_customer(self._rng, self._numbers, now)
        elif event == "updated":
            known = edited(known, self._rng, self._numbers, later(known.updated_at, now))
        self.customers[known.id] = known
        if event == "deleted":
            del self.customers[known.id]
            return {"id": str(known.id)}
        return customer_data(known)

    def _order(self, event: str, wanted: int | None) -> dict[str, Any]:
        now = datetime.now(UTC).replace(microsecond=0)
        known = self.orders.get(wanted or 0) or next(reversed(self.orders.values()), None)
        if event == "created" or known is None:
            known = self._new_order(now)
        known = self._moved(known, event, later(known.updated_at, now))
        self.orders[known.id] = known
        if event == "deleted":
            del self.orders[known.id]
            return {"id": str(known.id), "number": str(known.number)}
        return order_data(known)

    def _new_order(self, now: datetime) -> Order:
        buyer = next(reversed(self.customers.values()), None)
        stock = stock_shop(Random(f"stock:{self.shop}"))
        return shopping.place_order(buyer, stock, self._rng, self._numbers, now)

    def _moved(self, order: Order, event: str, at: datetime) -> Order:
        match event:
            case "paid":
                return shopping.pay(order, at)
            case "cancelled":
                return shopping.cancel(order, self._rng, self._numbers, at)
            case "fulfilled":
                return self._ship(order, at)
            case "updated":
                return replace(order, updated_at=at)
            case _:
                return order

    def _ship(self, order: Order, at: datetime) -> Order:
        quantities = shipping.waiting_quantities(order, partly=False)
        if not quantities:
            return replace(order, updated_at=at)
        tracking = shipping.new_tracking(self._rng, self._numbers)
        sent = shipping.new_fulfillment(order, self._numbers, at, tracking=tracking, quantities=quantities)
        return shipping.ship(order, quantities, sent)

    def message(self, kind: str, data: Any, *, late_s: int = 0) -> Message:
        """`{"type", "timestamp", "data"}`, to be signed when it is sent."""
        stamped = {"type": kind, "timestamp": datetime.now(UTC).isoformat(), "data": data}
        return Message(
            webhook_id=f"msg_{uuid4().hex}",
            topic=kind,
            subject=str(data.get("id", "")) if isinstance(data, dict) else "",
            path=f"/webhooks/standard/{self.shop}",
            body=orjson.dumps(stamped),
            secrets=[self.secret, *([self.old_secret] if self.old_secret else [])],
            late_s=late_s,
        )
