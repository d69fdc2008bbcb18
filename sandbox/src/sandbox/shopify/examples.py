"""A body for any topic, made up when somebody asks for one."""

from datetime import UTC, datetime
from typing import Any

import orjson

from sandbox.shopify.consent_body import privacy_body
from sandbox.shopify.customer_body import wire_time
from sandbox.shopify.delivery import Delivery, Sender
from sandbox.shopify.entities import Customer
from sandbox.shopify.generator import Shop
from sandbox.shopify.profile import shop_body
from sandbox.shopify.records import Records, new_records
from sandbox.shopify.topics import COMPLIANCE_TOPICS, STORY_TOPICS

_ORDERS_NAMED = 3


class Examples:
    """Bodies about resources the shop knows: what an example tells of is kept, its prehistory is not."""

    def __init__(self, sender: Sender, *, seed: str, records: Records) -> None:
        self._sender = sender
        self._seed = seed
        self._records = records

    def body(self, topic: str) -> bytes | None:
        """A body of this topic, or None when a shop has no such topic."""
        if topic in STORY_TOPICS:
            return self._story_body(topic)
        if topic in COMPLIANCE_TOPICS:
            return orjson.dumps(self._privacy_body(topic))
        if topic == "app/uninstalled":
            return orjson.dumps(shop_body(self._records.profile))
        return orjson.dumps(_bulk_body()) if topic == "bulk_operations/finish" else None

    def _story_body(self, topic: str) -> bytes:
        now = datetime.now(UTC)
        apart = new_records(self._sender.shop_domain)
        seed = f"{self._seed}:example"
        shop = Shop(self._sender, seed=seed, epoch=now.isoformat(), topics={topic}, records=apart)
        example = shop.example(topic, now)
        assert example is not None, "a story tells every topic sooner or later"
        self._adopt(example, apart)
        return example.body

    def _adopt(self, example: Delivery, apart: Records) -> None:
        """Let the shop know what the example is about."""
        content = orjson.loads(example.body)
        edited = content.get("order_edit", {})
        order_id = edited.get("order_id") or content.get("order_id") or example.resource.id
        order = apart.orders.get(order_id)
        customer = apart.customers.get(content.get("customer_id") or example.resource.id)
        if order is not None:
            self._records.keep_order(order)
            customer = order.customer
        if customer is not None:
            self._records.keep_customer(customer)

    def _privacy_body(self, topic: str) -> dict[str, Any]:
        customer = self._last_customer()
        orders = [o.id for o in self._records.orders.kept() if o.customer and o.customer.id == customer.id]
        return privacy_body(topic, self._records.profile, customer, orders[-_ORDERS_NAMED:])

    def _last_customer(self) -> Customer:
        """A buyer if there is one; a shop without customers makes one up."""
        buyers = [order.customer for order in self._records.orders.kept() if order.customer]
        known = buyers or self._records.customers.kept()
        if not known:
            self._story_body("customers/create")
            known = self._records.customers.kept()
        return known[-1]


def _bulk_body() -> dict[str, Any]:
    now = wire_time(datetime.now(UTC))
    return bulk_finished_body(operation_id=int(datetime.now(UTC).timestamp()), created=now, completed=now)


def bulk_finished_body(
    *, operation_id: int, created: str, completed: str, status: str = "completed", error: str | None = None
) -> dict[str, Any]:
    """Body of bulk_operations/finish: no url, everything in lower case."""
    return {
        "admin_graphql_api_id": f"gid://shopify/BulkOperation/{operation_id}",
        "completed_at": completed,
        "created_at": created,
        "error_code": error,
        "status": status,
        "type": "query",
    }
