"""What a poll found, worded as the delivery that never came. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from shared.envelope import Payload
from shared.errors import Rejected
from shared.handling import FollowUp
from shared.tasks import Lane, TaskType
from sync_worker.clients.shop_reading import Kind
from sync_worker.freshness import content_hash
from sync_worker.mapping.customer_node import customer_body
from sync_worker.mapping.nodes import Node
from sync_worker.mapping.order_node import order_body
from sync_worker.shopify.customers import Customer
from sync_worker.shopify.orders import Order
from sync_worker.shopify.reading import read

_TOPICS = {Kind.ORDERS: "orders/updated", Kind.CUSTOMERS: "customers/update"}
_NEXT = {Kind.ORDERS: TaskType.INDEX_ORDER, Kind.CUSTOMERS: TaskType.INDEX_CUSTOMER}


@dataclass(frozen=True, slots=True)
class Found:
    """The state of a thing as the shop's webhook would have told it; `content_hash` None: it is unusable."""

    id: str
    payload: Payload
    content_hash: bytes | None
    order_number: str | None = None

    def follow_up(self, kind: Kind) -> FollowUp:
        """On the bulk lane: what was missed must not delay what comes."""
        return FollowUp(
            _NEXT[kind], self.payload, self.id, order_number=self.order_number, lane=Lane.SYNC_BULK
        )


def found(kind: Kind, node: Node, *, read_at: datetime) -> Found:
    """`read_at`: when the shop was asked; its state is at least as new."""
    body = order_body(node) if kind is Kind.ORDERS else customer_body(node)
    payload = payload_of(_TOPICS[kind], body, read_at=read_at)
    order_number = body["name"] if kind is Kind.ORDERS else None
    return Found(str(body["id"]), payload, _hash(kind, payload), order_number)


def payload_of(topic: str, body: dict[str, Any], *, read_at: datetime) -> Payload:
    """A body that was read instead of delivered."""
    headers = {"x-shopify-triggered-at": read_at.isoformat()}
    return Payload(body=orjson.dumps(body), topic=topic, headers=headers)


def _hash(kind: Kind, payload: Payload) -> bytes | None:
    """None: let the task that uses it say what is wrong with it."""
    model: type[Order | Customer] = Order if kind is Kind.ORDERS else Customer
    try:
        return content_hash(read(model, payload.body, what=kind.value))
    except Rejected:
        return None
