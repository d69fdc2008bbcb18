"""Fulfilments: created from fulfilment orders, tracked, cancelled. Creating twice ships twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.shopify.admin.context import Args, Context
from sandbox.shopify.admin.fields.field_readers import Fields, payload, refused
from sandbox.shopify.admin.fields.fulfillment import assignment, shipment, status_of
from sandbox.shopify.admin.gids import number_of
from sandbox.shopify.admin.values import Assignment, Problem, Shipment
from sandbox.shopify.entities import Order, Tracking

_PLACE = ["fulfillment", "lineItemsByFulfillmentOrder"]
_SHIPPABLE = frozenset({"OPEN", "IN_PROGRESS"})


class Refused(Exception):
    """The fulfilment cannot be made like this."""


@dataclass(frozen=True)
class Plan:
    """What is to be sent: line ids and numbers of items of one order."""

    order: Order
    quantities: Mapping[int, int]


def _create(_root: Any, ctx: Context, args: Args) -> Any:
    given = args["fulfillment"]
    try:
        plan = _plan(ctx, given["lineItemsByFulfillmentOrder"])
    except Refused as refusal:
        return refused(Problem(str(refusal), _PLACE))
    _note(ctx, "created", mails=given["notifyCustomer"])
    shipped = ctx.shop.order_desk.ship(plan.order, plan.quantities, _tracking(given.get("trackingInfo")))
    return {"fulfillment": Shipment(shipped, shipped.fulfillments[-1])}


def _plan(ctx: Context, given: list[Any]) -> Plan:
    """Raises Refused for anything a shop would not send."""
    if not given:
        raise Refused("Line items by fulfillment order cannot be empty.")
    assigned = [assignment(ctx, one["fulfillmentOrderId"]) for one in given]
    places = [place for place in assigned if place is not None]
    if len(places) < len(given):
        raise Refused("Fulfillment order does not exist.")
    if len({place.order.id for place in places}) > 1:
        raise Refused("All fulfillment orders must belong to the same order.")
    if len({place.fulfillment_order.location_id for place in places}) > 1:
        raise Refused("All fulfillment orders must be assigned to the same location.")
    quantities: dict[int, int] = {}
    for place, one in zip(places, given, strict=True):
        for line_id, quantity in _wanted(place, one.get("fulfillmentOrderLineItems")).items():
            quantities[line_id] = quantities.get(line_id, 0) + quantity
    return Plan(places[0].order, quantities)


def _wanted(place: Assignment, given: list[Any] | None) -> dict[int, int]:
    """What to send of one fulfilment order; nothing said is all that remains."""
    number, status = place.fulfillment_order.id, status_of(place)
    if status not in _SHIPPABLE:
        raise Refused(f"Fulfillment order {number} has an unfulfillable status= {status.lower()}.")
    remaining = {line.id: line.open for line in place.order.lines}
    if not given:
        lines = [line_id for _, line_id in place.fulfillment_order.lines]
        return {line_id: remaining[line_id] for line_id in lines if remaining[line_id] > 0}
    known = dict(place.fulfillment_order.lines)
    wanted: dict[int, int] = {}
    for one in given:
        line_id = known.get(number_of(one["id"], "FulfillmentOrderLineItem") or -1)
        if line_id is None:
            raise Refused("Fulfillment order line item does not exist.")
        wanted[line_id] = wanted.get(line_id, 0) + one["quantity"]
        if not 0 < one["quantity"] <= wanted[line_id] <= remaining[line_id]:
            raise Refused("Invalid fulfillment order line item quantity requested.")
    return wanted


def _tracking(given: Any) -> Tracking:
    if given is None:
        return Tracking()
    numbers = given.get("numbers") or ([given["number"]] if given.get("number") else [])
    urls = given.get("urls") or ([given["url"]] if given.get("url") else [])
    return Tracking(given.get("company"), tuple(numbers), tuple(urls))


def _retrack(_root: Any, ctx: Context, args: Args) -> Any:
    sent = shipment(ctx, args["fulfillmentId"])
    if sent is None:
        return refused(Problem("Fulfillment does not exist.", ["fulfillmentId"]))
    if sent.fulfillment.status == "cancelled":
        return refused(Problem("Fulfillment is cancelled.", ["fulfillmentId"]))
    _note(ctx, "retracked", mails=args.get("notifyCustomer"))
    tracking = _tracking(args["trackingInfoInput"])
    return _moved(ctx.shop.order_desk.retrack(sent.order, sent.fulfillment, tracking), sent)


def _cancel(_root: Any, ctx: Context, args: Args) -> Any:
    sent = shipment(ctx, args["id"])
    if sent is None:
        return refused(Problem("Fulfillment not found.", ["id"]))
    if sent.fulfillment.status == "cancelled":
        return refused(Problem("Fulfillment has already been cancelled.", ["id"]))
    _note(ctx, "cancelled")
    return _moved(ctx.shop.order_desk.cancel_fulfillment(sent.order, sent.fulfillment), sent)


def _note(ctx: Context, effect: str, *, mails: bool | None = False) -> None:
    ctx.shop.effects[effect] += 1
    ctx.shop.effects["mails"] += bool(mails)


def _moved(order: Order, before: Shipment) -> Any:
    after = next(one for one in order.fulfillments if one.id == before.fulfillment.id)
    return {"fulfillment": Shipment(order, after)}


FIELDS: Fields = {
    "Mutation": {
        "fulfillmentCreate": _create,
        "fulfillmentTrackingInfoUpdate": _retrack,
        "fulfillmentCancel": _cancel,
    },
    "FulfillmentCreatePayload": payload(fulfillment="fulfillment"),
    "FulfillmentTrackingInfoUpdatePayload": payload(fulfillment="fulfillment"),
    "FulfillmentCancelPayload": payload(fulfillment="fulfillment"),
}
