"""What a receiver must know once it has every delivery of a burst, in any order and any number of times."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import orjson

from sandbox.shopify.delivery import Delivery

_ORDER_FACTS = (
    "name",
    "order_number",
    "currency",
    "total_price",
    "financial_status",
    "fulfillment_status",
    "cancelled_at",
)
Facts = TypeVar("Facts", dict[str, Any], dict[str, Any] | None)
_CUSTOMER_FACTS = ("email", "phone", "first_name", "last_name", "updated_at")


@dataclass
class Expectation:
    """Built from the deliveries themselves: the newest state of each resource counts."""

    webhook_ids: list[str] = field(default_factory=list)
    lost_webhook_ids: list[str] = field(default_factory=list)
    topics: Counter[str] = field(default_factory=Counter)
    _orders: dict[int, tuple[datetime, dict[str, Any] | None]] = field(default_factory=dict)
    _customers: dict[int, tuple[datetime, dict[str, Any]]] = field(default_factory=dict)
    _ever_paid: set[int] = field(default_factory=set)

    def note(self, delivery: Delivery, *, lost: bool = False) -> None:
        (self.lost_webhook_ids if lost else self.webhook_ids).append(delivery.webhook_id)
        self.topics[delivery.topic] += 1
        resource = delivery.resource
        if delivery.topic == "orders/delete":
            _keep_newest(self._orders, resource.id, resource.updated_at, None)
        elif resource.kind == "order":
            order = orjson.loads(delivery.body)
            if order["financial_status"] == "paid" and order["cancelled_at"] is None:
                self._ever_paid.add(resource.id)
            _keep_newest(self._orders, resource.id, resource.updated_at, _order_facts(order))
        elif resource.kind == "customer":
            deleted = delivery.topic == "customers/delete"
            content = orjson.loads(delivery.body)
            facts = {"deleted": deleted, **{name: content.get(name) for name in _CUSTOMER_FACTS}}
            _keep_newest(self._customers, resource.id, resource.updated_at, facts)

    def describe(self) -> dict[str, Any]:
        """Plain data. Ids are strings, since some exceed what JSON readers keep exact.

        `paid_orders`: their newest state is paid, and an e-mail or phone tells whose they are; each must end
        as exactly one receipt. `paid_orders_by_customer_id_only` and `paid_orders_of_nobody` have less to go
        by. `once_paid_orders` were paid in an older state only: a receipt may exist or not. What was lost was
        never sent: `webhook_ids` leaves it out, the states of orders and customers do not.
        """
        orders = {order_id: facts for order_id, (_, facts) in self._orders.items() if facts is not None}
        paid = {
            i: f for i, f in orders.items() if f["financial_status"] == "paid" and f["cancelled_at"] is None
        }
        reachable = {i for i, f in paid.items() if f["contact"]["email"] or f["contact"]["phone"]}
        identified = {i for i, f in paid.items() if f["contact"]["customer_id"]} - reachable
        return {
            "webhook_ids": self.webhook_ids,
            "orders": {str(order_id): facts for order_id, facts in orders.items()},
            "customers": {str(customer_id): facts for customer_id, (_, facts) in self._customers.items()},
            "order_ids": _texts(set(orders)),
            "customer_ids": _texts(set(self._customers)),
            "paid_orders": _texts(reachable),
            "paid_orders_by_customer_id_only": _texts(identified),
            "paid_orders_of_nobody": _texts(set(paid) - reachable - identified),
            "once_paid_orders": _texts(self._ever_paid - set(paid)),
            "deleted_orders": _texts(set(self._orders) - set(orders)),
            "lost_webhook_ids": self.lost_webhook_ids,
            "topics": dict(self.topics),
        }


def _keep_newest(
    known: dict[int, tuple[datetime, Facts]], key: int, updated_at: datetime, facts: Facts
) -> None:
    if key not in known or known[key][0] <= updated_at:
        known[key] = (updated_at, facts)


def _order_facts(order: dict[str, Any]) -> dict[str, Any]:
    customer = order["customer"] or {}
    contact = {
        "email": order["email"] or customer.get("email"),
        "phone": order["phone"] or customer.get("phone"),
        "customer_id": str(customer["id"]) if customer else None,
    }
    return {
        **{name: order[name] for name in _ORDER_FACTS},
        "updated_at": order["updated_at"],
        "contact": contact,
    }


def _texts(ids: set[int]) -> list[str]:
    return [str(order_id) for order_id in sorted(ids)]
