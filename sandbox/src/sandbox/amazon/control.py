"""Steering Amazon: sellers and their terms, orders, products; what was confirmed, and how often."""

from collections import Counter
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.amazon import catalogue
from sandbox.amazon.app import Amazon
from sandbox.amazon.ordering import Wish, place
from sandbox.amazon.orders import By, Order, Package, Status
from sandbox.amazon.seller import Seller
from sandbox.amazon.terms import Terms
from sandbox.answers import InvalidInput, count_parameter, json_answer, json_object, read_model


def _amazon(request: Request) -> Amazon:
    amazon: Amazon = request.app.state.amazon
    return amazon


def _seller(request: Request) -> Seller:
    seller = _amazon(request).by_name.get(request.path_params["name"])
    if seller is None:
        raise HTTPException(404, "no such seller")
    return seller


def _order(request: Request) -> Order:
    order = _seller(request).orders.get(request.path_params["order_id"])
    if order is None:
        raise HTTPException(404, "no such order")
    return order


def _described(seller: Seller) -> dict[str, Any]:
    terms = seller.terms.model_dump(mode="json", exclude={"client_secret", "refresh_token"})
    return {"name": seller.name, **terms, "orders": len(seller.orders), "products": len(seller.products)}


async def list_sellers(request: Request) -> Response:
    return json_answer({"sellers": [_described(one) for one in _amazon(request).by_name.values()]})


async def agree(request: Request) -> Response:
    """Change what the body names; a new name is a new seller."""
    name, known = request.path_params["name"], _amazon(request).by_name.get(request.path_params["name"])
    before = known.terms.model_dump() if known else {}
    try:
        terms = Terms.model_validate({**before, **await json_object(request)})
    except ValidationError as error:
        raise InvalidInput("; ".join(f"{e['loc']}: {e['msg']}" for e in error.errors())) from error
    seller = _amazon(request).agree(name, terms)
    return json_answer(_described(seller), status=200 if known else 201)


async def expire_tokens(request: Request) -> Response:
    """No access token given so far is good any more."""
    seller = _seller(request)
    expired = len(seller.tokens)
    seller.tokens.clear()
    return json_answer({"expired": expired})


async def place_orders(request: Request) -> Response:
    orders = place(_seller(request), await read_model(request, Wish))
    return json_answer({"orders": [_shown(order) for order in orders]}, status=201)


async def list_orders(request: Request) -> Response:
    orders = _seller(request).orders.values()
    return json_answer({"count": len(orders), "orders": [_shown(order) for order in orders]})


async def show_order(request: Request) -> Response:
    return json_answer(_shown(_order(request)))


class Change(BaseModel):
    model_config = ConfigDict(extra="forbid")

    status: Status | None = None
    fulfilled_by: By | None = None
    refuses_edits: bool | None = None


async def change_order(request: Request) -> Response:
    """Change what the body names, as Amazon or the buyer would."""
    order, change = _order(request), await read_model(request, Change)
    for name, value in change.model_dump(exclude_none=True).items():
        setattr(order, name, value)
    order.touch(_seller(request).now())
    return json_answer(_shown(order))


async def forget(request: Request) -> Response:
    """Orders and counts are gone; terms, products and tokens stay."""
    seller = _seller(request)
    seller.orders.clear()
    seller.counts.clear()
    return Response(status_code=204)


async def put_product(request: Request) -> Response:
    """`{"asin", "title", "brand"?, "weight"?, "weight_unit"?, "image"?, "ean"?}`; a known one keeps the rest
    of its own."""
    seller, sku = _seller(request), request.path_params["sku"]
    try:
        product = catalogue.changed(seller.products.get(sku), sku, await json_object(request))
    except TypeError as error:
        raise InvalidInput(str(error)) from error
    seller.products[sku] = product
    return json_answer({"sku": sku, "asin": product.asin, "title": product.title})


async def show_counts(request: Request) -> Response:
    """`doubled`: packages with the tracking number of another package of their order."""
    seller = _seller(request)
    held = Counter(packages=0, doubled=0, changed=0)
    for order in seller.orders.values():
        changed = sum(package.times_changed for package in order.packages.values())
        held.update(packages=len(order.packages), doubled=order.doubled(), changed=changed)
    return json_answer({"orders": len(seller.orders), **held, **seller.counts})


async def list_requests(request: Request) -> Response:
    """The last requests of all sellers, newest first, without tokens."""
    journal = _amazon(request).journal
    limit = count_parameter(request, "limit", default=100)
    return json_answer({"requests": journal.last(limit), "total": journal.total})


def _shown(order: Order) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "seller_order_id": order.seller_order_id,
        "marketplace_id": order.marketplace_id,
        "status": order.status.value,
        "fulfilled_by": order.fulfilled_by.value,
        "refuses_edits": order.refuses_edits,
        "updated_at": order.updated_at.isoformat(),
        "items": [
            {"id": item.id, "sku": item.sku, "asin": item.asin, "quantity": item.quantity}
            for item in order.items
        ],
        "packages": [_package(package) for package in order.packages.values()],
        "doubled": order.doubled(),
    }


def _package(package: Package) -> dict[str, Any]:
    confirmed = package.confirmed
    return {
        "reference": package.reference,
        "carrier_code": confirmed.carrier_code,
        "carrier_name": confirmed.carrier_name,
        "shipping_method": confirmed.shipping_method,
        "tracking_number": confirmed.tracking_number,
        "ship_date": confirmed.ship_date,
        "items": dict(confirmed.quantities),
        "times_received": package.times_received,
        "times_changed": package.times_changed,
    }


_ONE = "/control/amazon/{name}"
ROUTES = [
    Route("/control/amazon", list_sellers, methods=["GET"]),
    Route("/control/amazon/requests", list_requests, methods=["GET"]),
    Route(f"{_ONE}/terms", agree, methods=["PATCH"]),
    Route(f"{_ONE}/expire-tokens", expire_tokens, methods=["POST"]),
    Route(f"{_ONE}/orders", place_orders, methods=["POST"]),
    Route(f"{_ONE}/orders", list_orders, methods=["GET"]),
    Route(f"{_ONE}/orders", forget, methods=["DELETE"]),
    Route(f"{_ONE}/orders/{{order_id}}", show_order, methods=["GET"]),
    Route(f"{_ONE}/orders/{{order_id}}", change_order, methods=["PATCH"]),
    Route(f"{_ONE}/products/{{sku}}", put_product, methods=["PUT"]),
    Route(f"{_ONE}/counts", show_counts, methods=["GET"]),
]
