"""createShippingFulfillment: what eBay takes as a shipment, and what it refuses. Sent twice it ships twice,
unless the tracking number is known."""

import re
from datetime import datetime, timedelta
from typing import Any

from sandbox.ebay.carriers import CODES
from sandbox.ebay.orders import Order, Parcel
from sandbox.ebay.refusals import Refusal
from sandbox.ebay.seller import Seller
from sandbox.ebay.terms import OnRepeat

_FIELDS = {"lineItems", "shippedDate", "shippingCarrierCode", "trackingNumber"}
_LINE_FIELDS = {"lineItemId", "quantity"}
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
_NUMBER = re.compile(r"[0-9A-Za-z]{1,100}")
_AHEAD = timedelta(days=1)


def fulfil(seller: Seller, order: Order, content: dict[str, Any]) -> Parcel:
    """Raises Refusal for anything eBay would not take; else the parcel is there."""
    now = seller.now()
    if seller.terms.is_suspended:
        raise Refusal(32400)
    _check_names(content, _FIELDS)
    quantities = _quantities(order, content.get("lineItems"))
    carrier, number = _tracking(content)
    shipped_at = _shipped_at(content.get("shippedDate"), now)
    if order.is_cancelled:
        raise Refusal(32600, orderId=order.id)
    if number is not None:
        _check_number(seller, order, number)
    parcel = Parcel(carrier, number, shipped_at, quantities)
    order.add(parcel, now)
    return parcel


def _check_names(content: dict[str, Any], known: set[str]) -> None:
    for name in content:
        if name not in known:
            raise Refusal(32600, unknownField=name)


def _quantities(order: Order, given: Any) -> dict[str, int]:
    if not isinstance(given, list) or not given:
        raise Refusal(32600, lineItems=given)
    quantities: dict[str, int] = {}
    for one in given:
        line_id, quantity = _wanted(one)
        line = order.line(line_id)
        if line is None:
            raise Refusal(32200, lineItemId=line_id)
        if line_id in quantities:
            raise Refusal(32210, lineItemId=line_id)
        if not 1 <= quantity <= line.quantity:
            raise Refusal(32600, quantity=quantity)
        quantities[line_id] = quantity
    return quantities


def _wanted(one: Any) -> tuple[str, int]:
    if not isinstance(one, dict):
        raise Refusal(32600, lineItems=one)
    _check_names(one, _LINE_FIELDS)
    line_id, quantity = one.get("lineItemId"), one.get("quantity", 1)
    if not isinstance(line_id, str):
        raise Refusal(32200, lineItemId=line_id)
    if type(quantity) is not int:
        raise Refusal(32600, quantity=quantity)
    return line_id, quantity


def _tracking(content: dict[str, Any]) -> tuple[str | None, str | None]:
    """Carrier and number, both or none."""
    carrier, number = content.get("shippingCarrierCode"), content.get("trackingNumber")
    if carrier is None and number is None:
        return None, None
    if carrier not in CODES:
        raise Refusal(32300, shippingCarrierCode=carrier)
    if not isinstance(number, str) or not _NUMBER.fullmatch(number):
        raise Refusal(32300, trackingNumber=number)
    return str(carrier), number


def _shipped_at(text: Any, now: datetime) -> datetime:
    if text is None:
        return now
    is_date = isinstance(text, str) and _DATE.fullmatch(text) is not None
    try:
        moment = datetime.fromisoformat(text) if is_date else None
    except ValueError:
        moment = None
    if moment is None or moment > now + _AHEAD:
        raise Refusal(32500, shippedDate=text)
    return moment


def _check_number(seller: Seller, order: Order, number: str) -> None:
    if order.with_number(number) is not None:
        order.counts["repeated"] += 1
        match seller.terms.on_repeat:
            case OnRepeat.USE_PUT:
                raise Refusal(34500, trackingNumber=number)
            case OnRepeat.CONFLICT:
                raise Refusal(34500, 409, trackingNumber=number)
            case OnRepeat.ACCEPT:
                return
    if sum(parcel.number is not None for parcel in order.parcels) >= seller.terms.most_tracking_numbers:
        raise Refusal(34100)
