"""A supplier that speaks of rows and pages, wants two keys and says 200 to a reference it knows."""

from datetime import UTC, datetime
from hmac import compare_digest
from math import ceil
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer, json_object
from sandbox.supplier.breaking import Names, broken
from sandbox.supplier.catalogue import Catalogue, Product
from sandbox.supplier.house import Refusal, Repeated, Supplier
from sandbox.supplier.orders import Item, PlacedOrder, Stage

MOST_AT_ONCE = 250
_TIME = "%d/%m/%Y %H:%M:%S"
_DATE = "%d/%m/%Y"
_NAMES = Names(sku="code", price="price_cents", stock="qty_available", name="title")
_STATUS = {"not_found": 404, "not_cancellable": 409, "no_key": 401, "no_token": 403}
_STATES = {
    Stage.PENDING: "new",
    Stage.PROCESSING: "picking",
    Stage.SHIPPED: "sent",
    Stage.DELIVERED: "delivered",
    Stage.CANCELLED: "cancelled",
    Stage.FAILED: "rejected",
}


def refuse(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    error = {"code": refusal.code, "field": refusal.sku, "message": str(refusal)}
    return json_answer({"errors": [error]}, status=_STATUS.get(refusal.code, 400))


def admit(request: Request, supplier: Supplier) -> None:
    """Raises Refusal without both keys."""
    if not _same(request.headers.get("X-API-Key", ""), supplier.terms.token):
        raise Refusal("no_key", "X-API-Key is missing or wrong")
    if not _same(request.headers.get("X-API-Token", ""), supplier.terms.token2):
        raise Refusal("no_token", "X-API-Token is missing or wrong")


def _same(given: str, expected: str) -> bool:
    return compare_digest(given.encode(), expected.encode())


def _supplier(request: Request) -> Supplier:
    supplier: Supplier = request.scope["supplier"]
    return supplier


async def list_products(request: Request) -> Response:
    """`?page=&per_page=`, pages from 1; a page beyond the last is empty."""
    catalogue = _supplier(request).catalogue
    page, size = _page(request)
    rows = [_shown_product(catalogue, product) for product in catalogue.slice((page - 1) * size, size)]
    return json_answer({"data": rows, "meta": _meta(page, size, len(catalogue))})


def _shown_product(catalogue: Catalogue, product: Product) -> Any:
    shown = {
        "code": product.sku,
        "title": product.name,
        "manufacturer": product.brand,
        "body_html": f"<p>{product.description}</p>",
        "price_cents": int(product.price * 100),
        "currency": catalogue.terms.currency,
        "qty_available": product.stock,
        "in_stock": product.stock > 0,
        "pictures": [{"src": image} for image in product.images],
        "modified": product.updated_at.strftime(_TIME),
    }
    if catalogue.is_broken(product.index):
        return broken(shown, product.index // catalogue.terms.invalid_every, _NAMES)
    return shown


async def place_order(request: Request) -> Response:
    """200 with the order, new or as this reference led to it before (`repeated`)."""
    supplier, content = _supplier(request), await json_object(request)
    try:
        order = supplier.place(content.get("reference"), _items(content), content.get("ship_to"))
    except Repeated as repeated:
        return json_answer({"data": _shown(repeated.order), "repeated": True})
    return json_answer({"data": _shown(order), "repeated": False})


def _items(content: dict[str, Any]) -> list[Item]:
    try:
        return [Item(str(row["code"]), int(row["count"])) for row in content["rows"]]
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal("invalid", "rows must be a list of code and count") from error


async def list_orders(request: Request) -> Response:
    """`?page=&per_page=&modified_after=&reference=`."""
    page, size = _page(request)
    after = request.query_params.get("modified_after")
    found = _supplier(request).list(
        since=_moment(after) if after else None, po_number=request.query_params.get("reference")
    )
    rows = [_shown(order) for order in found[(page - 1) * size : page * size]]
    return json_answer({"data": rows, "meta": _meta(page, size, len(found))})


async def show_order(request: Request) -> Response:
    return json_answer({"data": _shown(_supplier(request).find(_number(request)))})


async def cancel_order(request: Request) -> Response:
    """200 with the cancelled order; 409 once it has been sent."""
    return json_answer({"data": _shown(_supplier(request).cancel(_number(request)))})


def _shown(order: PlacedOrder) -> dict[str, Any]:
    tracking = {
        "carrier": "DPD",
        "number": order.tracking_number,
        "link": f"https://tracking.example/{order.tracking_number}",
    }
    return {
        "number": f"TN-{order.number}",
        "reference": order.po_number,
        "state": _STATES[order.stage],
        "rows": [{"code": item.sku, "count": item.quantity} for item in order.items],
        "tracking": tracking if order.shipped_at else None,
        "delivery_date": None if order.stage > Stage.DELIVERED else order.delivery_at.strftime(_DATE),
        "delivered": _time(order.delivered_at),
        "created": _time(order.created_at),
        "modified": _time(order.updated_at),
    }


def _number(request: Request) -> int:
    text = request.path_params["number"].removesuffix(".json").removeprefix("TN-")
    if not text.isdecimal():
        raise Refusal("not_found", f"no order {text}")
    return int(text)


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime(_TIME) if moment else None


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError as error:
        raise Refusal("invalid", f"no time: {text}") from error


def _page(request: Request) -> tuple[int, int]:
    page, size = (request.query_params.get(name, "") for name in ("page", "per_page"))
    numbers = (int(page) if page.isdecimal() else 1, int(size) if size.isdecimal() else 50)
    if numbers[0] < 1 or not 1 <= numbers[1] <= MOST_AT_ONCE:
        raise Refusal("invalid", f"page from 1, per_page from 1 to {MOST_AT_ONCE}")
    return numbers


def _meta(page: int, size: int, total: int) -> dict[str, int]:
    return {"page": page, "per_page": size, "pages": ceil(total / size), "total": total}


ROUTES = [
    Route("/shop/products.json", list_products, methods=["GET"]),
    Route("/shop/purchase-orders", place_order, methods=["POST"]),
    Route("/shop/purchase-orders.json", list_orders, methods=["GET"]),
    Route("/shop/purchase-orders/{number}", show_order, methods=["GET"]),
    Route("/shop/purchase-orders/{number}", cancel_order, methods=["DELETE"]),
]
