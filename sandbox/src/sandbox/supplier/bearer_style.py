"""A supplier that speaks of items and cursors, wants a bearer token and says 409 to a PO number it knows."""

import base64
import binascii
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer, json_object
from sandbox.supplier.breaking import Names, broken
from sandbox.supplier.catalogue import Catalogue, Product
from sandbox.supplier.house import Refusal, Repeated, Supplier
from sandbox.supplier.orders import Item, PlacedOrder, Stage

MOST_AT_ONCE = 500
_NAMES = Names(sku="sku", price="price", stock="available", name="name")
_STATUS = {"invalid": 400, "not_found": 404, "not_cancellable": 409, "unauthorized": 401}


def refuse(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    error = {"code": refusal.code.upper(), "message": str(refusal), "sku": refusal.sku}
    shown = {name: value for name, value in error.items() if value is not None}
    return json_answer({"error": shown}, status=_STATUS.get(refusal.code, 422))


def admit(request: Request, supplier: Supplier) -> None:
    """Raises Refusal without the right bearer token."""
    given = request.headers.get("Authorization", "")
    if not compare_digest(given.encode(), f"Bearer {supplier.terms.token}".encode()):
        raise Refusal("unauthorized", "the bearer token is missing or wrong")


def _supplier(request: Request) -> Supplier:
    supplier: Supplier = request.scope["supplier"]
    return supplier


async def list_products(request: Request) -> Response:
    """`?cursor=&limit=`; the last page has no next cursor."""
    catalogue, limit = _supplier(request).catalogue, _limit(request)
    start = _read_cursor(request)
    items = [_shown_product(catalogue, product) for product in catalogue.slice(start, limit)]
    rest = start + limit < len(catalogue)
    return json_answer(
        {
            "items": items,
            "nextCursor": _cursor(start + limit) if rest else None,
            "catalogVersion": catalogue.terms.version,
        }
    )


def _shown_product(catalogue: Catalogue, product: Product) -> Any:
    shown = {
        "sku": product.sku,
        "name": product.name,
        "brand": product.brand,
        "description": product.description,
        "price": {"amount": str(product.price), "currency": catalogue.terms.currency},
        "available": product.stock,
        "images": list(product.images),
        "updatedAt": _time(product.updated_at),
    }
    if catalogue.is_broken(product.index):
        return broken(shown, product.index // catalogue.terms.invalid_every, _NAMES)
    return shown


async def place_order(request: Request) -> Response:
    """201 with the new order; 409 with the id of the one this PO number led to before."""
    supplier, content = _supplier(request), await json_object(request)
    try:
        order = supplier.place(content.get("poNumber"), _items(content), content.get("recipient"))
    except Repeated as repeated:
        message = f"PO number {repeated.order.po_number} has been used"
        known = {"code": "DUPLICATE_PO", "message": message, "orderId": _id(repeated.order)}
        return json_answer({"error": known}, status=409)
    return json_answer(_shown(order), status=201, headers={"Location": f"{request.url.path}/{_id(order)}"})


def _items(content: dict[str, Any]) -> list[Item]:
    try:
        return [Item(str(line["sku"]), int(line["quantity"])) for line in content["lines"]]
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal("invalid", "lines must be a list of sku and quantity") from error


async def list_orders(request: Request) -> Response:
    """`?cursor=&limit=&updatedSince=&poNumber=`."""
    limit, start = _limit(request), _read_cursor(request)
    since = request.query_params.get("updatedSince")
    found = _supplier(request).list(
        since=_moment(since) if since else None, po_number=request.query_params.get("poNumber")
    )
    rest = start + limit < len(found)
    shown = [_shown(order) for order in found[start : start + limit]]
    return json_answer({"items": shown, "nextCursor": _cursor(start + limit) if rest else None})


async def show_order(request: Request) -> Response:
    return json_answer(_shown(_supplier(request).find(_number(request))))


async def cancel_order(request: Request) -> Response:
    """200 with the cancelled order; 409 once it has been sent."""
    return json_answer(_shown(_supplier(request).cancel(_number(request))))


def _shown(order: PlacedOrder) -> dict[str, Any]:
    shipments = [
        {
            "carrier": "PostNL",
            "trackingNumber": order.tracking_number,
            "trackingUrl": f"https://tracking.example/{order.tracking_number}",
            "shippedAt": _time(order.shipped_at),
        }
    ]
    return {
        "orderId": _id(order),
        "poNumber": order.po_number,
        "status": order.stage.name,
        "lines": [{"sku": item.sku, "quantity": item.quantity} for item in order.items],
        "shipments": shipments if order.shipped_at else [],
        "estimatedDelivery": None if order.stage > Stage.DELIVERED else order.delivery_at.date().isoformat(),
        "deliveredAt": _time(order.delivered_at),
        "createdAt": _time(order.created_at),
        "updatedAt": _time(order.updated_at),
    }


def _id(order: PlacedOrder) -> str:
    return f"ORD-{order.number}"


def _number(request: Request) -> int:
    text = request.path_params["order_id"].removeprefix("ORD-")
    if not text.isdecimal():
        raise Refusal("not_found", f"no order {text}")
    return int(text)


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" if moment else None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal("invalid", f"no time: {text}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", "100")
    if not text.isdecimal() or not 1 <= int(text) <= MOST_AT_ONCE:
        raise Refusal("invalid", f"limit must be between 1 and {MOST_AT_ONCE}")
    return int(text)


def _cursor(start: int) -> str:
    return base64.urlsafe_b64encode(orjson.dumps({"from": start})).decode()


def _read_cursor(request: Request) -> int:
    text = request.query_params.get("cursor")
    if not text:
        return 0
    try:
        return int(orjson.loads(base64.urlsafe_b64decode(text))["from"])
    except (binascii.Error, orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise Refusal("invalid", "the cursor is none of ours") from error


ROUTES = [
    Route("/api/v1/catalog", list_products, methods=["GET"]),
    Route("/api/v1/orders", place_order, methods=["POST"]),
    Route("/api/v1/orders", list_orders, methods=["GET"]),
    Route("/api/v1/orders/{order_id}", show_order, methods=["GET"]),
    Route("/api/v1/orders/{order_id}/cancel", cancel_order, methods=["POST"]),
]
