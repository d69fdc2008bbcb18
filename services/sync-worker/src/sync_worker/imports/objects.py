"""From the lines of one object to its state, exactly as the shop's webhook would have told it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from shared.errors import Rejected
from sync_worker.freshness import content_hash
from sync_worker.imports.kinds import ImportKind
from sync_worker.mapping.customer_node import customer_body
from sync_worker.mapping.order_node import order_body
from sync_worker.shopify.consents import Channel, Consent
from sync_worker.shopify.customers import Customer
from sync_worker.shopify.orders import Order
from sync_worker.shopify.reading import read

_CONNECTIONS = {"LineItem": "lineItems", "ShippingLine": "shippingLines"}
_CONSENTS = {Channel.EMAIL: "email_marketing_consent", Channel.SMS: "sms_marketing_consent"}
_WRONG_SHAPE = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, IndexError)

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
    """`data` is what is stored of the order."""

    state: Order
    digest: bytes
    data: dict[str, Any]


class Unusable(Exception):
    """The object's lines do not make a state; the message says why, without values."""


def customer_of(body: bytes, _children: Children = ()) -> CustomerState:
    """Raises Unusable."""
    node = _node(body, "Customer")
    told = _shaped(customer_body, node)
    customer = _read(Customer, told, "customer")
    return CustomerState(
        state=customer,
        digest=content_hash(customer),
        data=_stored(customer),
        consents=_shaped(_consents, told),
        tags=_shaped(_tags, node),
    )


def order_of(body: bytes, children: Children = ()) -> OrderState:
    """Raises Unusable, also when one of the order's children can not be used."""
    node = _node(body, "Order") | {"refunds": []} | _connections(children)
    order = _read(Order, _shaped(order_body, node), "order")
    return OrderState(order, content_hash(order), _stored(order))


BUILDERS: dict[ImportKind, Callable[[bytes, Children], CustomerState | OrderState]] = {
    ImportKind.CUSTOMERS: customer_of,
    ImportKind.ORDERS: order_of,
}


def _stored(state: Customer | Order) -> dict[str, Any]:
    return state.model_dump(mode="json", exclude_none=True)


def _node(body: bytes, type_name: str) -> dict[str, Any]:
    node: dict[str, Any] = orjson.loads(body)
    if not node["id"].startswith(f"gid://shopify/{type_name}/"):
        raise Unusable(f"The object is no {type_name}")
    return node


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


def _shaped(build: Callable[[Any], Any], node: Any) -> Any:
    try:
        return build(node)
    except KeyError as error:
        raise Unusable(f"The object has no field '{error.args[0]}'") from error
    except _WRONG_SHAPE as error:
        raise Unusable("The object has not the shape that was asked for") from error


def _read(model: type[Any], told: dict[str, Any], what: str) -> Any:
    try:
        return read(model, orjson.dumps(told), what=what)
    except Rejected as error:
        raise Unusable(error.message) from error
    except TypeError as error:
        raise Unusable("The object has not the shape that was asked for") from error


def _tags(node: Any) -> tuple[str, ...]:
    return tuple(sorted({str(tag).replace("\x00", "") for tag in node["tags"]}))


def _consents(told: dict[str, Any]) -> dict[Channel, Consent]:
    found = {channel: told[name] for channel, name in _CONSENTS.items() if told.get(name)}
    return {channel: Consent.model_validate(consent) for channel, consent in found.items()}
