"""Fulfilments and fulfilment orders."""

from typing import Any

from sandbox.shopify.admin.context import Args, Context
from sandbox.shopify.admin.fields.customers import upper
from sandbox.shopify.admin.fields.field_readers import Fields, read
from sandbox.shopify.admin.gids import gid, number_of
from sandbox.shopify.admin.sources import ListSource, Source
from sandbox.shopify.admin.values import (
    AssignedLine,
    Assignment,
    Location,
    OrderLine,
    Shipment,
    ShipmentLine,
    moment,
)
from sandbox.shopify.entities import Fulfillment
from sandbox.shopify.markets import LOCATION_NAMES
from sandbox.shopify.shipping import fulfillment_order_status

_ACTIONS = {
    "OPEN": ("CREATE_FULFILLMENT", "HOLD", "MOVE"),
    "IN_PROGRESS": ("CREATE_FULFILLMENT", "HOLD"),
    "ON_HOLD": ("RELEASE_HOLD",),
}


def shipment(ctx: Context, text: str) -> Shipment | None:
    """The fulfilment of this global id with its order, or None."""
    number = number_of(text, "Fulfillment")
    order = None if number is None else ctx.shop.records.order_of_fulfillment(number)
    if order is None:
        return None
    return next((Shipment(order, sent) for sent in order.fulfillments if sent.id == number), None)


def assignment(ctx: Context, text: str) -> Assignment | None:
    """The fulfilment order of this global id with its order, or None."""
    number = number_of(text, "FulfillmentOrder")
    order = None if number is None else ctx.shop.records.order_of_fulfillment_order(number)
    if order is None:
        return None
    places = (place for place in order.fulfillment_orders if place.id == number)
    return next((Assignment(order, place) for place in places), None)


def status_of(assigned: Assignment) -> str:
    return fulfillment_order_status(assigned.order, assigned.fulfillment_order)


def _fulfillment(_root: Any, ctx: Context, args: Args) -> Any:
    return shipment(ctx, args["id"])


def _fulfillment_order(_root: Any, ctx: Context, args: Args) -> Any:
    return assignment(ctx, args["id"])


def _tracking(sent: Shipment, _ctx: Context, args: Args) -> Any:
    """One entry for each number; a company without a number is one entry too."""
    tracking = sent.fulfillment.tracking
    numbers = tracking.numbers or ((None,) if tracking.company or tracking.urls else ())
    urls = (*tracking.urls, *[None] * len(numbers))
    told = [(tracking.company, number, url) for number, url in zip(numbers, urls, strict=False)]
    return told[: args["first"]] if args.get("first") is not None else told


def _display_status(sent: Fulfillment) -> str:
    if sent.status == "cancelled":
        return "CANCELED"
    return upper(sent.shipment_status) or "FULFILLED"


def _place(location_id: int) -> Location:
    return Location(location_id, LOCATION_NAMES[location_id])


def _sent_lines(sent: Shipment, _ctx: Context, args: Args) -> Source:
    lines = {line.id: line for line in sent.order.lines}
    moved = [ShipmentLine(sent, lines[number], quantity) for number, quantity in sent.fulfillment.quantities]
    return ListSource(moved, args)


def _assigned_lines(assigned: Assignment, _ctx: Context, args: Args) -> Source:
    lines = {line.id: line for line in assigned.order.lines}
    waiting = [
        AssignedLine(assigned, number, lines[line_id]) for number, line_id in assigned.fulfillment_order.lines
    ]
    return ListSource(waiting, args)


def remaining(assigned: AssignedLine) -> int:
    """How many items of this line are still to be sent."""
    return 0 if assigned.assignment.order.cancelled_at else max(assigned.line.open, 0)


def _sent(getter: Any) -> Any:
    return read(lambda shipment: getter(shipment.fulfillment))


FIELDS: Fields = {
    "QueryRoot": {"fulfillment": _fulfillment, "fulfillmentOrder": _fulfillment_order},
    "Fulfillment": {
        "id": _sent(lambda sent: gid("Fulfillment", sent.id)),
        "legacyResourceId": _sent(lambda sent: sent.id),
        "name": read(lambda shipment: f"{shipment.order.name}.{shipment.fulfillment.number}"),
        "status": _sent(lambda sent: upper(sent.status)),
        "displayStatus": _sent(_display_status),
        "trackingInfo": _tracking,
        "location": _sent(lambda sent: _place(sent.location_id)),
        "order": read(lambda shipment: shipment.order),
        "totalQuantity": _sent(lambda sent: sum(quantity for _, quantity in sent.quantities)),
        "createdAt": _sent(lambda sent: moment(sent.at)),
        "updatedAt": _sent(lambda sent: moment(sent.updated_at)),
    },
    "FulfillmentTrackingInfo": {
        "company": read(lambda told: told[0]),
        "number": read(lambda told: told[1]),
        "url": read(lambda told: told[2]),
    },
    "FulfillmentLineItem": {
        "id": read(lambda part: gid("FulfillmentLineItem", part.line.id)),
        "quantity": read(lambda part: part.quantity),
        "lineItem": read(lambda part: OrderLine(part.shipment.order, part.line)),
    },
    "FulfillmentOrder": {
        "id": read(lambda assigned: gid("FulfillmentOrder", assigned.fulfillment_order.id)),
        "orderId": read(lambda assigned: gid("Order", assigned.order.id)),
        "orderName": read(lambda assigned: assigned.order.name),
        "status": read(status_of),
        "requestStatus": read(lambda _: "UNSUBMITTED"),
        "assignedLocation": read(lambda assigned: _place(assigned.fulfillment_order.location_id)),
        "supportedActions": read(lambda assigned: _ACTIONS.get(status_of(assigned), ())),
        "createdAt": read(lambda assigned: moment(assigned.order.created_at)),
        "updatedAt": read(lambda assigned: moment(assigned.order.updated_at)),
    },
    "FulfillmentOrderAssignedLocation": {
        "name": read(lambda place: place.name),
        "location": read(lambda place: place),
    },
    "FulfillmentOrderSupportedAction": {"action": read(lambda action: action)},
    "FulfillmentOrderLineItem": {
        "id": read(lambda part: gid("FulfillmentOrderLineItem", part.id)),
        "sku": read(lambda part: part.line.variant.sku),
        "remainingQuantity": read(remaining),
        "totalQuantity": read(lambda part: part.line.quantity),
        "lineItem": read(lambda part: OrderLine(part.assignment.order, part.line)),
    },
}
CONNECTIONS = {
    "Fulfillment": {"fulfillmentLineItems": _sent_lines},
    "FulfillmentOrder": {"lineItems": _assigned_lines},
}
