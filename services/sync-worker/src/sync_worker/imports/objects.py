"""From the lines of one object to its state, exactly as the shop's webhooks would have told it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from sync_worker.freshness import content_hash
from sync_worker.imports.kinds import ImportKind
from sync_worker.imports.movements import Movement, in_full, parcels_of, refunds_of
from sync_worker.imports.shapes import node_of, shaped, state_of
from sync_worker.mapping.customer_node import customer_body
from sync_worker.mapping.nodes import Node
from sync_worker.mapping.order_node import order_body
from sync_worker.shopify.consents import Channel, Consent
from sync_worker.shopify.customers import Customer
from sync_worker.shopify.orders import Order

_CONNECTIONS = {"LineItem": "lineItems", "ShippingLine": "shippingLines"}
_CONSENTS = {Channel.EMAIL: "email_marketing_consent", Channel.SMS: "sms_marketing_consent"}

Children = Sequence[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class CustomerState:
    """A customer with what webhooks tell separately. `data` is what is stored of it."""

    state: Customer
    digest: bytes
    data: dict[str, Any]
    consents: dict[Channel, Consent]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderState:
    """An order with its parcels and refunds. `data` is what is stored of the order itself."""

    state: Order
    digest: bytes
    data: dict[str, Any]
    parcels: tuple[Movement, ...] = ()
    refunds: tuple[Movement, ...] = ()


def customer_node(body: bytes, _children: Children = ()) -> Node:
    """Raises Unusable."""
    return node_of(body, "Customer")


def order_node(body: bytes, children: Children = ()) -> Node:
    """The order joined with its lines. Raises Unusable."""
    return node_of(body, "Order") | _connections(children)


def customer_of(node: Node, _found: Node | None = None) -> CustomerState:
    """Raises Unusable."""
    told = shaped(customer_body, node)
    customer = state_of(Customer, told, "customer")
    return CustomerState(
        state=customer,
        digest=content_hash(customer),
        data=_stored(customer),
        consents=shaped(_consents, told),
        tags=shaped(_tags, node),
    )


def order_of(node: Node, found: Node | None = None) -> OrderState:
    """`found`: the order's movements if the shop was asked for them.

    Raises Unusable, also when one of the order's lines, parcels or refunds can not be used.
    """
    whole = shaped(partial(in_full, found=found), node)
    order = state_of(Order, shaped(order_body, whole), "order")
    return OrderState(order, content_hash(order), _stored(order), parcels_of(whole), refunds_of(whole))


JOINED: Mapping[ImportKind, Callable[[bytes, Children], Node]] = {
    ImportKind.CUSTOMERS: customer_node,
    ImportKind.ORDERS: order_node,
}
BUILDERS: Mapping[ImportKind, Callable[[Node, Node | None], CustomerState | OrderState]] = {
    ImportKind.CUSTOMERS: customer_of,
    ImportKind.ORDERS: order_of,
}


def _stored(state: Customer | Order) -> dict[str, Any]:
    return state.model_dump(mode="json", exclude_none=True)


def _connections(children: Children) -> dict[str, Any]:
    """The children as a page of the connection they belong to."""
    nodes: dict[str, list[Any]] = {name: [] for name in _CONNECTIONS.values()}
    for _, body in children:
        child = orjson.loads(body)
        connection = _CONNECTIONS.get(_type_of(child["id"]))
        if connection is not None:
            nodes[connection].append(child)
    return {name: {"nodes": found} for name, found in nodes.items()}


def _type_of(gid: str) -> str:
    """`gid://shopify/LineItem/11` is a LineItem."""
    return gid.rpartition("/")[0].rpartition("/")[2]


def _tags(node: Any) -> tuple[str, ...]:
    return tuple(sorted({str(tag).replace("\x00", "") for tag in node["tags"]}))


def _consents(told: Node) -> dict[Channel, Consent]:
    found = {channel: told[name] for channel, name in _CONSENTS.items() if told.get(name)}
    return {channel: Consent.model_validate(consent) for channel, consent in found.items()}
