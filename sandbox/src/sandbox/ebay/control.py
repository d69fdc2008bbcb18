"""Steering eBay: sellers and their terms, orders, listings, failures; what was told of them, how often."""

from collections import Counter
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import InvalidInput, count_parameter, json_answer, json_object, read_model
from sandbox.ebay import catalogue
from sandbox.ebay.app import Ebay
from sandbox.ebay.moments import time_of
from sandbox.ebay.ordering import Wish, place
from sandbox.ebay.orders import Order, Parcel
from sandbox.ebay.seller import Seller
from sandbox.ebay.terms import Problem, Terms

_PROBLEMS = TypeAdapter(list[Problem])


def _ebay(request: Request) -> Ebay:
    ebay: Ebay = request.app.state.ebay
    return ebay


def _seller(request: Request) -> Seller:
    seller = _ebay(request).by_name.get(request.path_params["name"])
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
    return {"name": seller.name, **terms, "orders": len(seller.orders), "items": len(seller.items)}


async def list_sellers(request: Request) -> Response:
    return json_answer({"sellers": [_described(one) for one in _ebay(request).by_name.values()]})


async def agree(request: Request) -> Response:
    """Change what the body names; a new name is a new seller."""
    name, known = request.path_params["name"], _ebay(request).by_name.get(request.path_params["name"])
    before = known.terms.model_dump() if known else {}
    try:
        terms = Terms.model_validate({**before, **await json_object(request)})
    except ValidationError as error:
        raise InvalidInput("; ".join(f"{e['loc']}: {e['msg']}" for e in error.errors())) from error
    seller = _ebay(request).agree(name, terms)
    return json_answer(_described(seller), status=200 if known else 201)


async def expire_tokens(request: Request) -> Response:
    """No access token given so far is good any more."""
    seller = _seller(request)
    expired = len(seller.tokens)
    seller.tokens.clear()
    return json_answer({"expired": expired})


async def put_problems(request: Request) -> Response:
    """Replace what the Trading API is to fail with, inside HTTP 200."""
    seller = _seller(request)
    try:
        seller.problems = _PROBLEMS.validate_json(await request.body())
    except ValidationError as error:
        raise InvalidInput("; ".join(f"{e['loc']}: {e['msg']}" for e in error.errors())) from error
    return json_answer({"problems": [one.model_dump() for one in seller.problems]})


async def place_orders(request: Request) -> Response:
    orders = place(_seller(request), await read_model(request, Wish))
    return json_answer({"orders": [_shown(order) for order in orders]}, status=201)


async def list_orders(request: Request) -> Response:
    orders = _seller(request).orders.values()
    return json_answer({"count": len(orders), "orders": [_shown(order) for order in orders]})


async def show_order(request: Request) -> Response:
    return json_answer(_shown(_order(request)))


async def cancel_order(request: Request) -> Response:
    order = _order(request)
    order.cancel(_seller(request).now())
    return json_answer(_shown(order))


class Edit(BaseModel):
    """`to` None: the tracking number is deleted."""

    model_config = ConfigDict(extra="forbid")

    number: str
    to: str | None = None


async def edit_tracking(request: Request) -> Response:
    """What the seller does by hand on the Add/Edit/Delete Tracking Number page."""
    order, edit = _order(request), await read_model(request, Edit)
    parcel = order.with_number(edit.number)
    if parcel is None:
        raise HTTPException(404, "no such tracking number")
    if edit.to is None:
        order.parcels.remove(parcel)
    else:
        parcel.number = edit.to
    return json_answer(_shown(order))


async def forget(request: Request) -> Response:
    """Orders, failures and counts are gone; terms, listings and tokens stay."""
    seller = _seller(request)
    seller.orders.clear()
    seller.problems.clear()
    seller.counts.clear()
    return Response(status_code=204)


async def put_item(request: Request) -> Response:
    """`{"id", "title", "pounds"?, "ounces"?, "image"?}`; a known one keeps others."""
    seller, sku = _seller(request), request.path_params["sku"]
    item = catalogue.changed(seller.items.get(sku), sku, await json_object(request))
    seller.items[sku] = item
    return json_answer({"sku": sku, "id": item.id, "title": item.title})


async def show_counts(request: Request) -> Response:
    """`created`: fulfilments made; `completed`: sales CompleteSale changed, `completed_in_vain`: those it did
    not; `repeated`: fulfilments with a known tracking number; `doubled`: of which two are there."""
    seller = _seller(request)
    held: Counter[str] = Counter(
        created=0, completed=0, completed_in_vain=0, repeated=0, doubled=0, parcels=0
    )
    for order in seller.orders.values():
        held.update({**order.counts, "doubled": order.doubled(), "parcels": len(order.parcels)})
    return json_answer({"orders": len(seller.orders), **held, **seller.counts})


async def list_requests(request: Request) -> Response:
    """The last requests of all sellers, newest first, without tokens."""
    journal = _ebay(request).journal
    limit = count_parameter(request, "limit", default=100)
    return json_answer({"requests": journal.last(limit), "total": journal.total})


def _shown(order: Order) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "status": order.status,
        "is_cancelled": order.is_cancelled,
        "updated_at": time_of(order.updated_at),
        "lines": [
            {
                "id": line.id,
                "order_line_item_id": line.order_line_item_id,
                "item_id": line.item_id,
                "sku": line.sku,
                "quantity": line.quantity,
                "is_shipped": line.shipped_at is not None,
                "tracking": [parcel.number for parcel in order.tracking_of(line)],
            }
            for line in order.lines
        ],
        "parcels": [_parcel(parcel) for parcel in order.parcels],
        "counts": dict(order.counts),
        "doubled": order.doubled(),
    }


def _parcel(parcel: Parcel) -> dict[str, Any]:
    facts = {"id": parcel.id, "carrier": parcel.carrier, "number": parcel.number}
    return {**facts, "shipped_at": time_of(parcel.shipped_at), "lines": parcel.quantities}


_ONE = "/control/ebay/{name}"
ROUTES = [
    Route("/control/ebay", list_sellers, methods=["GET"]),
    Route("/control/ebay/requests", list_requests, methods=["GET"]),
    Route(f"{_ONE}/terms", agree, methods=["PATCH"]),
    Route(f"{_ONE}/expire-tokens", expire_tokens, methods=["POST"]),
    Route(f"{_ONE}/problems", put_problems, methods=["PUT"]),
    Route(f"{_ONE}/orders", place_orders, methods=["POST"]),
    Route(f"{_ONE}/orders", list_orders, methods=["GET"]),
    Route(f"{_ONE}/orders", forget, methods=["DELETE"]),
    Route(f"{_ONE}/orders/{{order_id}}", show_order, methods=["GET"]),
    Route(f"{_ONE}/orders/{{order_id}}/cancel", cancel_order, methods=["POST"]),
    Route(f"{_ONE}/orders/{{order_id}}/tracking", edit_tracking, methods=["POST"]),
    Route(f"{_ONE}/items/{{sku}}", put_item, methods=["PUT"]),
    Route(f"{_ONE}/counts", show_counts, methods=["GET"]),
]
