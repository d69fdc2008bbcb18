"""Sell Fulfillment: `/sell/fulfillment/v1/…`, with a bearer token of the seller."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import InvalidInput, json_answer, json_object
from sandbox.ebay.fulfilling import fulfil
from sandbox.ebay.moments import time_of
from sandbox.ebay.orders import Order, Parcel
from sandbox.ebay.refusals import Refusal
from sandbox.ebay.seller import Seller

_MOST, _DEFAULT = 200, 50
_PARAMETERS = {"filter", "limit", "offset", "orderIds", "fieldGroups"}
_FILTER = re.compile(r"(\w+):[\[{]([^\]}]*)[\]}]")
FindSeller = Callable[[str], Seller | None]


def _seller(request: Request) -> Seller:
    """Raises Refusal 401 without a token that is good."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    seller: Seller | None = request.app.state.find(token) if scheme == "Bearer" else None
    if seller is None:
        raise Refusal(1001, 401)
    return seller


def _order(request: Request, *, status: int = 404) -> tuple[Seller, Order]:
    seller = _seller(request)
    order = seller.orders.get(request.path_params["order_id"])
    if order is None:
        raise Refusal(32100, status, orderId=request.path_params["order_id"])
    return seller, order


async def create_fulfilment(request: Request) -> Response:
    """201 with an empty object; the fulfilment's address is in Location."""
    seller, order = _order(request, status=400)
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refusal(32600, 415)
    try:
        content = await json_object(request)
    except InvalidInput as error:
        raise Refusal(32600) from error
    parcel = fulfil(seller, order, content)
    return json_answer({}, status=201, headers={"Location": f"{request.url}/{parcel.id}"})


async def list_fulfilments(request: Request) -> Response:
    _, order = _order(request)
    shown = [_fulfilment(parcel) for parcel in order.parcels]
    return json_answer({"fulfillments": shown, "total": len(shown), "warnings": []})


async def show_fulfilment(request: Request) -> Response:
    _, order = _order(request)
    wanted = request.path_params["fulfilment_id"]
    found = next((parcel for parcel in order.parcels if parcel.id == wanted), None)
    if found is None:
        raise Refusal(32600, 404, fulfillmentId=wanted)
    return json_answer(_fulfilment(found))


async def show_order(request: Request) -> Response:
    _, order = _order(request)
    return json_answer(_shown(order))


async def list_orders(request: Request) -> Response:
    """`?filter=lastmodifieddate:[from..to]&limit=&offset=`; `orderIds` beats all others."""
    seller, query = _seller(request), request.query_params
    if unknown := set(query) - _PARAMETERS:
        raise Refusal(30800, parameter=min(unknown))
    limit, offset = _number(query.get("limit"), _DEFAULT), _number(query.get("offset"), 0)
    if not 1 <= limit <= _MOST:
        raise Refusal(30800, limit=limit)
    found = _found(seller, query.get("orderIds"), query.get("filter"))
    page = found[offset : offset + limit]
    facts = {"href": str(request.url), "total": len(found), "limit": limit, "offset": offset}
    return json_answer({**facts, "orders": [_shown(order) for order in page]})


def _found(seller: Seller, ids: str | None, filters: str | None) -> list[Order]:
    orders = list(seller.orders.values())
    if ids is not None:
        wanted = set(ids.split(","))
        return [order for order in orders if order.id in wanted]
    for name, value in _filters(filters):
        if name == "lastmodifieddate":
            orders = [order for order in orders if _lies_in(order.updated_at, value)]
        elif name == "creationdate":
            orders = [order for order in orders if _lies_in(order.created_at, value)]
        elif name == "orderfulfillmentstatus":
            orders = [order for order in orders if order.status in value.split("|")]
        else:
            raise Refusal(30700, filter=name)
    return orders


def _filters(text: str | None) -> list[tuple[str, str]]:
    if text is None:
        return []
    found = _FILTER.findall(text)
    if not found or ",".join(match[0] for match in _FILTER.finditer(text)) != text:
        raise Refusal(30700, filter=text)
    return [(str(name), str(value)) for name, value in found]


def _lies_in(moment: datetime, text: str) -> bool:
    start, dots, end = text.partition("..")
    try:
        since, until = datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None
    except ValueError as error:
        raise Refusal(30700, filter=text) from error
    if not dots or since.tzinfo is None:
        raise Refusal(30700, filter=text)
    return since <= moment and (until is None or moment <= until)


def _number(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not text.isdecimal():
        raise Refusal(30800, value=text)
    return int(text)


def _shown(order: Order) -> dict[str, Any]:
    lines = [
        {
            "lineItemId": line.id,
            "legacyItemId": line.item_id,
            "sku": line.sku,
            "title": line.title,
            "quantity": line.quantity,
        }
        for line in order.lines
    ]
    ship_to = {"fullName": "Kim Åberg", "email": "kim@example.com"}
    return {
        "orderId": order.id,
        "creationDate": time_of(order.created_at),
        "lastModifiedDate": time_of(order.updated_at),
        "orderFulfillmentStatus": order.status,
        "orderPaymentStatus": "PAID",
        "buyer": {"username": order.buyer},
        "cancelStatus": {"cancelState": "CANCELED" if order.is_cancelled else "NONE_REQUESTED"},
        "fulfillmentStartInstructions": [
            {"fulfillmentInstructionsType": "SHIP_TO", "shippingStep": {"shipTo": ship_to}}
        ],
        "lineItems": lines,
    }


def _fulfilment(parcel: Parcel) -> dict[str, Any]:
    """What was sent as `trackingNumber` comes back under another name."""
    tracking = {"shipmentTrackingNumber": parcel.number, "shippingCarrierCode": parcel.carrier}
    return {
        "fulfillmentId": parcel.id,
        **{name: value for name, value in tracking.items() if value is not None},
        "shippedDate": time_of(parcel.shipped_at),
        "lineItems": [
            {"lineItemId": line_id, "quantity": quantity} for line_id, quantity in parcel.quantities.items()
        ],
    }


_ORDER = "/sell/fulfillment/v1/order"
ROUTES = [
    Route(_ORDER, list_orders, methods=["GET"]),
    Route(f"{_ORDER}/{{order_id}}", show_order, methods=["GET"]),
    Route(f"{_ORDER}/{{order_id}}/shipping_fulfillment", create_fulfilment, methods=["POST"]),
    Route(f"{_ORDER}/{{order_id}}/shipping_fulfillment", list_fulfilments, methods=["GET"]),
    Route(f"{_ORDER}/{{order_id}}/shipping_fulfillment/{{fulfilment_id}}", show_fulfilment, methods=["GET"]),
]
