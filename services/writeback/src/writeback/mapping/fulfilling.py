"""From a package to the fulfilments a Shopify shop is to have, and back. Pure.

Shopify: a fulfilment is made from what waits in fulfilment orders, all of them of one location.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.errors import Rejected
from writeback.targets.port import Line, Package

_SEPARATOR = ","
_UNABLE = {
    "ON_HOLD": "it is on hold: release the hold in the shop",
    "SCHEDULED": "it is scheduled for later: mark it as ready to be sent in the shop",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Units of an order's line that wait to be sent from one location, as one fulfilment order has them.

    `id` is that of the fulfilment order's own line, `line_id` that of the order's.
    """

    id: str
    line_id: str
    fulfilment_order: str
    location: str | None
    remaining: int
    status: str
    can_ship: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A fulfilment the shop has."""

    id: str
    is_cancelled: bool
    carrier: str | None
    numbers: tuple[str, ...]
    url: str | None
    quantities: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """So many of what waits."""

    waiting: Waiting
    quantity: int


Batch = tuple[Part, ...]


def target_id_of(fulfilments: Iterable[str]) -> str:
    return _SEPARATOR.join(fulfilments)


def fulfilments_of(target_id: str | None) -> list[str]:
    return target_id.split(_SEPARATOR) if target_id else []


def mine(package: Package, sent: Sequence[Sent]) -> list[Sent]:
    """The shop's fulfilments that are this package: those it was told of, else those that look like it."""
    if package.target_id is not None:
        known = fulfilments_of(package.target_id)
        return [one for one in sent if one.id in known]
    taken = {number for target_id in package.taken for number in fulfilments_of(target_id)}
    found: list[Sent] = []
    for one in sent:
        if not one.is_cancelled and one.id not in taken and _looks_like(package, one, found):
            found.append(one)
    return found


def has_tracking_of(package: Package, one: Sent) -> bool:
    return (one.carrier, one.numbers, one.url) == (
        package.carrier,
        package.tracking_numbers,
        package.tracking_url,
    )


def missing(package: Package, there: Iterable[Sent]) -> list[Line]:
    """What of the package is in none of these fulfilments."""
    return [
        Line(line.id, line.sku, quantity)
        for line in package.lines
        if (quantity := line.quantity - sum(one.quantities.get(line.id, 0) for one in there)) > 0
    ]


def batches(wanted: Sequence[Line], waiting: Sequence[Waiting]) -> list[Batch]:
    """One batch for each location that has to send a part, a single one if a location has it all.

    Raises Rejected, naming the item and the cause, when less is left than wanted.
    """
    ready = [one for one in waiting if one.can_ship and one.remaining > 0]
    locations = list(dict.fromkeys(one.location for one in ready))
    for location in locations:
        parts, lacking = _pick(wanted, [one for one in ready if one.location == location])
        if not lacking:
            return [parts] if parts else []
    parts, lacking = _pick(wanted, ready)
    if lacking:
        raise Rejected(_why_lacking(lacking[0], wanted, waiting))
    used = dict.fromkeys(part.waiting.location for part in parts)
    return [tuple(part for part in parts if part.waiting.location == location) for location in used]


def fulfilment_input(package: Package, batch: Batch, *, notify: bool) -> dict[str, Any]:
    """Shopify's FulfillmentInput."""
    orders: dict[str, list[dict[str, Any]]] = {}
    for part in batch:
        line = {"id": part.waiting.id, "quantity": part.quantity}
        orders.setdefault(part.waiting.fulfilment_order, []).append(line)
    return {
        "notifyCustomer": notify,
        "trackingInfo": tracking_input(package),
        "lineItemsByFulfillmentOrder": [
            {"fulfillmentOrderId": order, "fulfillmentOrderLineItems": lines}
            for order, lines in orders.items()
        ],
    }


def tracking_input(package: Package) -> dict[str, Any]:
    """Shopify's FulfillmentTrackingInput; numbers and addresses belong together by their place."""
    urls = {"urls": [package.tracking_url]} if package.tracking_url else {}
    return {"company": package.carrier, "numbers": list(package.tracking_numbers), **urls}


def _looks_like(package: Package, one: Sent, found: Sequence[Sent]) -> bool:
    """It has one of the tracking numbers and nothing that the package does not have besides the others."""
    numbers = {*package.tracking_numbers, *package.tried_numbers}
    has_number = bool(numbers.intersection(one.numbers)) if numbers else not one.numbers
    left = {line.id: line.quantity for line in missing(package, found)}
    fits = all(quantity <= left.get(line_id, 0) for line_id, quantity in one.quantities.items())
    return has_number and bool(one.quantities) and fits


def _pick(wanted: Sequence[Line], ready: Sequence[Waiting]) -> tuple[Batch, list[Line]]:
    """What to take of what is ready, and what is lacking then."""
    parts: list[Part] = []
    lacking: list[Line] = []
    for line in wanted:
        left = line.quantity
        for one in ready:
            quantity = min(left, one.remaining) if one.line_id == line.id else 0
            if quantity:
                parts.append(Part(one, quantity))
                left -= quantity
        if left:
            lacking.append(Line(line.id, line.sku, left))
    return tuple(parts), lacking


def _why_lacking(lacking: Line, wanted: Sequence[Line], waiting: Sequence[Waiting]) -> str:
    name = lacking.sku or lacking.id
    quantity = next(line.quantity for line in wanted if line.id == lacking.id)
    unable = [one for one in waiting if one.line_id == lacking.id and one.remaining and not one.can_ship]
    reasons = [_UNABLE[one.status] for one in unable if one.status in _UNABLE]
    text = f"The shop has {quantity - lacking.quantity} of {quantity} '{name}' left to send"
    return f"{text}; {reasons[0]}, then synchronise again" if reasons else text
