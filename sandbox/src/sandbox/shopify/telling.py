"""From what changed to the topics and bodies that tell it."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from sandbox.shopify.customer_body import customer_body, deleted_customer_body
from sandbox.shopify.delivery import Resource
from sandbox.shopify.entities import Customer, Order
from sandbox.shopify.movement_body import fulfillment_body, refund_body
from sandbox.shopify.order_body import order_body


@dataclass(frozen=True)
class Happening:
    """One topic to tell, and the resource it is about as of then."""

    topic: str
    resource: Resource
    body: bytes


def customer_told(topic: str, customer: Customer) -> Happening:
    resource = Resource("customer", customer.id, customer.updated_at)
    content = deleted_customer_body(customer) if topic == "customers/delete" else customer_body(customer)
    return Happening(topic, resource, orjson.dumps(content))


def order_told(order: Order, topics: Sequence[str], *, shop_domain: str) -> list[Happening]:
    """Every topic carries the same bytes: the order after the change."""
    resource = Resource("order", order.id, order.updated_at)
    body = orjson.dumps(order_body(order, shop_domain=shop_domain))
    return [Happening(topic, resource, body) for topic in topics]


def last_fulfillment_told(order: Order) -> Happening:
    fulfillment = order.fulfillments[-1]
    resource = Resource("fulfillment", fulfillment.id, fulfillment.at)
    return Happening("fulfillments/create", resource, orjson.dumps(fulfillment_body(order, fulfillment)))


def last_refund_told(order: Order) -> Happening:
    refund = order.refunds[-1]
    resource = Resource("refund", refund.id, refund.at)
    return Happening("refunds/create", resource, orjson.dumps(refund_body(order, refund)))
