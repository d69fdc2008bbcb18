"""What leaves the warehouse: fulfilment orders, fulfilments, tracking. Functions from order to order."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from random import Random

from sandbox.shopify.entities import Fulfillment, FulfillmentOrder, Line, Order, Tracking
from sandbox.shopify.markets import MAIN_LOCATION
from sandbox.shopify.numbers import Numbers

_CARRIERS = ("PostNord", "DHL", "Budbee", "Instabox")
SHIPMENT_STATES = (None, "confirmed", "in_transit", "out_for_delivery", "delivered")


def fulfillment_orders(
    lines: tuple[Line, ...], numbers: Numbers, locations: tuple[int, ...]
) -> tuple[FulfillmentOrder, ...]:
    """One for each location; the lines are dealt out in turn."""
    shares = [lines[place :: len(locations)] for place in range(len(locations))]
    return tuple(
        FulfillmentOrder(
            id=numbers.resource_id(),
            location_id=location,
            lines=tuple((numbers.resource_id(), line.id) for line in share),
        )
        for location, share in zip(locations, shares, strict=True)
        if share
    )


def fulfillment_order_status(order: Order, fulfillment_order: FulfillmentOrder) -> str:
    """OPEN, IN_PROGRESS, ON_HOLD, CLOSED or CANCELLED."""
    if order.cancelled_at is not None:
        return "CANCELLED"
    wanted = {line_id for _, line_id in fulfillment_order.lines}
    lines = [line for line in order.lines if line.id in wanted]
    if all(line.open <= 0 for line in lines):
        return "CLOSED"
    if fulfillment_order.on_hold:
        return "ON_HOLD"
    return "IN_PROGRESS" if any(line.fulfilled for line in lines) else "OPEN"


def new_tracking(rng: Random, numbers: Numbers) -> Tracking:
    number = f"SB{numbers.digits(9)}SE"
    return Tracking(rng.choice(_CARRIERS), (number,), (f"https://tracking.example/{number}",))


def waiting_quantities(order: Order, *, partly: bool, location_id: int | None = None) -> dict[int, int]:
    """Line ids and numbers of items that wait at the location (or anywhere); or only one item of them."""
    here = {
        line_id
        for place in order.fulfillment_orders
        if location_id in (None, place.location_id)
        for _, line_id in place.lines
    }
    waiting = {line.id: line.open for line in order.lines if line.open > 0 and line.id in here}
    return {next(iter(waiting)): 1} if partly and waiting else waiting


def ship(order: Order, quantities: Mapping[int, int], fulfillment: Fulfillment) -> Order:
    """The order with these items sent; closed once nothing is left to send."""
    lines = tuple(
        replace(line, fulfilled=line.fulfilled + quantities.get(line.id, 0)) for line in order.lines
    )
    shipped = replace(
        order,
        lines=lines,
        fulfillments=(*order.fulfillments, fulfillment),
        updated_at=fulfillment.at,
    )
    whole = shipped.fulfillment_status == "fulfilled"
    return replace(shipped, closed_at=fulfillment.at) if whole else shipped


def new_fulfillment(
    order: Order, numbers: Numbers, now: datetime, *, tracking: Tracking, quantities: Mapping[int, int]
) -> Fulfillment:
    """A fulfilment of these items from the location that holds the first of them."""
    first = next(iter(quantities))
    places = (p for p in order.fulfillment_orders if any(line_id == first for _, line_id in p.lines))
    return Fulfillment(
        id=numbers.resource_id(),
        number=len(order.fulfillments) + 1,
        at=now,
        updated_at=now,
        location_id=next((place.location_id for place in places), MAIN_LOCATION),
        tracking=tracking,
        quantities=tuple(quantities.items()),
    )


def changed_fulfillment(order: Order, changed: Fulfillment, now: datetime) -> Order:
    """The order with this fulfilment in place of its former state."""
    touched = replace(changed, updated_at=now)
    kept = tuple(touched if one.id == changed.id else one for one in order.fulfillments)
    return replace(order, fulfillments=kept, updated_at=now)


def cancel_fulfillment(order: Order, fulfillment: Fulfillment, now: datetime) -> Order:
    """The items wait again, and the order is open again."""
    back = dict(fulfillment.quantities)
    lines = tuple(replace(line, fulfilled=line.fulfilled - back.get(line.id, 0)) for line in order.lines)
    reopened = replace(order, lines=lines, closed_at=None)
    return changed_fulfillment(reopened, replace(fulfillment, status="cancelled"), now)


def can_ship_partly(order: Order) -> bool:
    return sum(max(line.open, 0) for line in order.lines) > 1


def moved_on(fulfillment: Fulfillment) -> Fulfillment:
    """The parcel one step further on its way, as the carrier reports it."""
    place = SHIPMENT_STATES.index(fulfillment.shipment_status)
    return replace(fulfillment, shipment_status=SHIPMENT_STATES[min(place + 1, len(SHIPMENT_STATES) - 1)])
