"""CompleteSale: what was shipped of an order or of one of its lines. Sent again it replaces all tracking."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox.ebay.carriers import CODES
from sandbox.ebay.orders import Line, Order
from sandbox.ebay.problems import Failure
from sandbox.ebay.seller import Seller

SCHEMA: Mapping[str, Any] = {
    "OrderID": None,
    "OrderLineItemID": None,
    "ItemID": None,
    "TransactionID": None,
    "Shipped": None,
    "Paid": None,
    "Shipment": {
        "ShipmentTrackingDetails": [{"ShippingCarrierUsed": None, "ShipmentTrackingNumber": None}],
        "ShippedTime": None,
    },
    "ErrorLanguage": None,
    "MessageID": None,
    "Version": None,
    "WarningLevel": None,
    "RequesterCredentials": {"eBayAuthToken": None},
}
_NUMBER = re.compile(r"[0-9A-Za-z]{1,100}")
_AHEAD = timedelta(days=3)
_TRUTHS = {"true": True, "false": False, "1": True, "0": False}


def complete_sale(seller: Seller, content: dict[str, Any]) -> dict[str, Any]:
    """Raises Failure."""
    order, lines = _target(seller, content)
    if order.is_cancelled:
        raise Failure("21916", "The order is cancelled.", OrderID=order.id)
    shipment = content.get("Shipment")
    tracking = [_tracking(one) for one in (shipment or {}).get("ShipmentTrackingDetails", [])]
    shipped = _truth(content.get("Shipped"), bool(tracking))
    if not shipped and tracking:
        raise Failure("21917", "What has tracking is shipped.", OrderID=order.id)
    now = seller.now()
    at = _moment((shipment or {}).get("ShippedTime"), now) if shipped else None
    kept = [] if shipment is not None else _kept(order, lines)
    order.complete(lines, tracking or kept, at=at, now=now)
    return {}


def _target(seller: Seller, content: dict[str, Any]) -> tuple[Order, list[Line]]:
    """The order and its lines the call is about."""
    if order_id := content.get("OrderID"):
        order = seller.orders.get(order_id)
        if order is None:
            raise Failure("55", "The order id is not valid.", OrderID=order_id)
        return order, list(order.lines)
    wanted = content.get("OrderLineItemID")
    if wanted is None and content.get("ItemID"):
        wanted = f"{content['ItemID']}-{content.get('TransactionID', '')}"
    for order in seller.orders.values():
        if found := [line for line in order.lines if line.order_line_item_id == wanted]:
            return order, found
    raise Failure("55", "The order line item is not valid.", OrderLineItemID=str(wanted))


def _tracking(details: dict[str, str]) -> tuple[str, str]:
    carrier, number = details.get("ShippingCarrierUsed"), details.get("ShipmentTrackingNumber")
    if not carrier or not number:
        raise Failure("21918", "Carrier and tracking number go together.")
    if carrier not in CODES:
        raise Failure("21919", "The carrier is not known.", ShippingCarrierUsed=carrier)
    if not _NUMBER.fullmatch(number):
        text = "Tracking numbers have letters and digits only."
        raise Failure("21919", text, ShipmentTrackingNumber=number)
    return carrier, number


def _truth(text: str | None, default: bool) -> bool:
    if text is None:
        return default
    if text not in _TRUTHS:
        raise Failure("5", "XML Parse error: no truth value.", Shipped=text)
    return _TRUTHS[text]


def _moment(text: str | None, now: datetime) -> datetime:
    if text is None:
        return now
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failure("5", "XML Parse error: no time.", ShippedTime=text) from error
    if moment.tzinfo is None or moment > now + _AHEAD:
        raise Failure("21921", "The shipped time is not valid.", ShippedTime=text)
    return moment


def _kept(order: Order, lines: list[Line]) -> list[tuple[str, str]]:
    """Without a Shipment the tracking stays."""
    found = {parcel.number: parcel for line in lines for parcel in order.tracking_of(line)}
    return [(parcel.carrier or "Other", number) for number, parcel in found.items() if number is not None]
