"""From what changed to the topics and bodies that tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from sandbox.shopify.consent_body import email_consent_body, sms_consent_body, tags_body
from sandbox.shopify.customer_body import customer_body, deleted_customer_body, wire_time
from sandbox.shopify.delivery import Resource
from sandbox.shopify.entities import Customer, Fulfillment, Line, Order
from sandbox.shopify.movement_body import fulfillment_body, refund_body
from sandbox.shopify.order_body import order_body
from sandbox.shopify.profile import Profile, shop_body


@dataclass(frozen=True)
class Happening:
    """One topic to tell, and the resource it is about as of then."""

    topic: str
    resource: Resource
    body: bytes


def _happening(topic: str, kind: str, key: tuple[int, datetime], body: dict[str, Any]) -> Happening:
    return Happening(topic, Resource(kind, *key), orjson.dumps(body))


def customer_told(topic: str, customer: Customer) -> Happening:
    content = deleted_customer_body(customer) if topic == "customers/delete" else customer_body(customer)
    return _happening(topic, "customer", (customer.id, customer.updated_at), content)


def email_consent_told(customer: Customer) -> Happening:
    """The customer's wish about e-mail, as of its last change."""
    key = (customer.id, customer.email_consent.updated_at or customer.updated_at)
    topic = "customers_email_marketing_consent/update"
    return _happening(topic, "email_consent", key, email_consent_body(customer))


def sms_consent_told(customer: Customer) -> Happening:
    key = (customer.id, customer.sms_consent.updated_at or customer.updated_at)
    return _happening("customers_marketing_consent/update", "sms_consent", key, sms_consent_body(customer))


def tags_told(before: Customer, after: Customer) -> list[Happening]:
    """What was added and what was removed, each only when there is any."""
    added = [tag for tag in after.tags if tag not in before.tags]
    removed = [tag for tag in before.tags if tag not in after.tags]
    key = (after.id, after.updated_at)
    return [
        _happening(f"customer.{kind}", kind, key, tags_body(after.id, tags, after.updated_at))
        for kind, tags in (("tags_added", added), ("tags_removed", removed))
        if tags
    ]


def order_told(order: Order, topics: Sequence[str], *, shop_domain: str) -> list[Happening]:
    """Every topic carries the same bytes: the order after the change."""
    resource = Resource("order", order.id, order.updated_at)
    body = orjson.dumps(order_body(order, shop_domain=shop_domain))
    return [Happening(topic, resource, body) for topic in topics]


def deleted_order_told(order: Order) -> Happening:
    return _happening("orders/delete", "order", (order.id, order.updated_at), {"id": order.id})


def edit_told(order: Order, added: Line, edit_id: int) -> Happening:
    """orders/edited says what was added, not what the order is now."""
    at = wire_time(order.updated_at, order.id)
    content: dict[str, Any] = {
        "id": edit_id,
        "app_id": None,
        "created_at": at,
        "notify_customer": False,
        "order_id": order.id,
        "staff_note": "",
        "user_id": None,
        "committed_at": at,
        "line_items": {"additions": [{"id": added.id, "delta": added.quantity}], "removals": []},
        "discounts": {"line_item": {"additions": [], "removals": []}},
        "shipping_lines": {"additions": [], "removals": []},
    }
    key = (edit_id, order.updated_at)
    return _happening("orders/edited", "order_edit", key, {"order_edit": content})


def fulfillment_told(topic: str, order: Order, fulfillment: Fulfillment) -> Happening:
    key = (fulfillment.id, fulfillment.updated_at)
    return _happening(topic, "fulfillment", key, fulfillment_body(order, fulfillment))


def last_refund_told(order: Order) -> Happening:
    refund = order.refunds[-1]
    return _happening("refunds/create", "refund", (refund.id, refund.at), refund_body(order, refund))


def shop_told(topic: str, profile: Profile) -> Happening:
    return _happening(topic, "shop", (profile.id, profile.updated_at), shop_body(profile))
