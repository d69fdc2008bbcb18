"""What resolvers hand down: parts of an order together with the order they belong to."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sandbox.shopify.entities import Fulfillment, FulfillmentOrder, Line, Order, Refund
from sandbox.shopify.markets import Market


@dataclass(frozen=True)
class Amount:
    """An amount in the shop's currency, to be shown in the buyer's as well."""

    amount: Decimal
    market: Market


@dataclass(frozen=True)
class OrderLine:
    order: Order
    line: Line


@dataclass(frozen=True)
class Shipment:
    order: Order
    fulfillment: Fulfillment


@dataclass(frozen=True)
class ShipmentLine:
    shipment: Shipment
    line: Line
    quantity: int


@dataclass(frozen=True)
class Assignment:
    """A fulfilment order and the order it is part of."""

    order: Order
    fulfillment_order: FulfillmentOrder


@dataclass(frozen=True)
class AssignedLine:
    assignment: Assignment
    id: int
    line: Line


@dataclass(frozen=True)
class MoneyBack:
    order: Order
    refund: Refund


@dataclass(frozen=True)
class LineBack:
    money_back: MoneyBack
    line: Line
    quantity: int


@dataclass(frozen=True)
class Location:
    id: int
    name: str


@dataclass(frozen=True)
class Problem:
    """One user error."""

    message: str
    field: list[str] | None = None
    code: str | None = None
    index: int | None = None


def moment(at: datetime | None) -> str | None:
    """As the API writes it: UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
