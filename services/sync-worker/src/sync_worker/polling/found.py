"""What a poll found, worded as the delivery that never came. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from pydantic import BaseModel

from shared.envelope import Payload
from shared.errors import Rejected
from shared.handling import FollowUp
from shared.tasks import Lane, TaskType
from sync_worker.freshness import content_hash
from sync_worker.mapping.customer_node import customer_body
from sync_worker.mapping.movement_nodes import parcel_body, refund_body
from sync_worker.mapping.nodes import Node
from sync_worker.mapping.order_node import order_body
from sync_worker.shopify.customers import Customer
from sync_worker.shopify.orders import Order
from sync_worker.shopify.reading import read


class Thing(StrEnum):
    """What webhooks can miss."""

    CUSTOMER = "customers"
    ORDER = "orders"
    REFUND = "refunds"
    PARCEL = "fulfillments"


_TOPICS = {
    Thing.CUSTOMER: "customers/update",
    Thing.ORDER: "orders/updated",
    Thing.REFUND: "refunds/create",
    Thing.PARCEL: "fulfillments/update",
}
_NEXT = {
    Thing.CUSTOMER: TaskType.INDEX_CUSTOMER,
    Thing.ORDER: TaskType.INDEX_ORDER,
    Thing.REFUND: TaskType.INDEX_REFUND,
    Thing.PARCEL: TaskType.FULFILLMENT_WEBHOOK,
}
_MODELS: Mapping[Thing, type[BaseModel]] = {Thing.CUSTOMER: Customer, Thing.ORDER: Order}


@dataclass(frozen=True, slots=True)
class Found:
    """The state of a thing as the shop's webhook would have told it."""

    thing: Thing
    id: str
    payload: Payload
    changed_at: datetime
    order_number: str | None = None

    @property
    def key(self) -> str:
        return key_of(self.thing, self.id)

    def follow_up(self, lane: Lane | None = Lane.SYNC_BULK) -> FollowUp:
        """On the bulk lane what was missed does not delay what comes."""
        return FollowUp(_NEXT[self.thing], self.payload, self.id, order_number=self.order_number, lane=lane)

    def content_hash(self) -> bytes | None:
        """None where it is not usable: the task that uses it says what is wrong."""
        try:
            return content_hash(read(_MODELS[self.thing], self.payload.body, what=self.thing))
        except Rejected:
            return None


def key_of(thing: Thing, id_: str) -> str:
    """What tells a thing from all others of the shop."""
    return f"{thing}:{id_}"


def found_customer(node: Node, *, read_at: datetime) -> Found:
    """`read_at`: when the shop was asked; its state is at least as new."""
    return _found(Thing.CUSTOMER, customer_body(node), read_at)


def found_order(node: Node, *, read_at: datetime) -> Found:
    return _found(Thing.ORDER, order_body(node), read_at, node["name"])


def found_refund(refund: Node, order: Node, *, read_at: datetime) -> Found:
    return _found(Thing.REFUND, refund_body(refund, order=order), read_at, order["name"])


def found_parcel(parcel: Node, order: Node, *, read_at: datetime) -> Found:
    return _found(Thing.PARCEL, parcel_body(parcel, order=order), read_at, order["name"])


def _found(thing: Thing, body: dict[str, Any], read_at: datetime, order_number: str | None = None) -> Found:
    headers = {"x-shopify-triggered-at": read_at.isoformat()}
    payload = Payload(body=orjson.dumps(body), topic=_TOPICS[thing], headers=headers)
    changed_at = datetime.fromisoformat(body.get("updated_at") or body["created_at"])
    return Found(thing, str(body["id"]), payload, changed_at, order_number)
