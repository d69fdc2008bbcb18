"""Steering suppliers: their catalogue's version, what is broken or sold out, how their orders move on."""

import asyncio
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import InvalidInput, count_parameter, json_answer, json_object, read_model
from sandbox.supplier.app import Suppliers
from sandbox.supplier.catalogue import Catalogue
from sandbox.supplier.house import Supplier
from sandbox.supplier.orders import OrderBook, PlacedOrder, Stage
from sandbox.supplier.terms import Terms


def _suppliers(request: Request) -> Suppliers:
    suppliers: Suppliers = request.app.state.suppliers
    return suppliers


def _supplier(request: Request) -> Supplier:
    supplier = _suppliers(request).by_name.get(request.path_params["name"])
    if supplier is None:
        raise HTTPException(404, "no such supplier")
    return supplier


def _described(supplier: Supplier) -> dict[str, Any]:
    terms = supplier.terms.model_dump(mode="json", exclude={"token", "token2"})
    return {
        "name": supplier.name,
        **terms,
        "size": len(supplier.catalogue),
        "orders": len(supplier.orders.by_number),
    }


async def list_suppliers(request: Request) -> Response:
    return json_answer({"suppliers": [_described(one) for one in _suppliers(request).by_name.values()]})


async def show_supplier(request: Request) -> Response:
    return json_answer(_described(_supplier(request)))


async def agree(request: Request) -> Response:
    """Change what the body names; for a new supplier `style` and `prefix` are needed."""
    name, known = request.path_params["name"], _suppliers(request).by_name.get(request.path_params["name"])
    before = known.terms.model_dump() if known else {}
    try:
        terms = Terms.model_validate({**before, **await json_object(request)})
    except ValidationError as error:
        raise InvalidInput("; ".join(f"{e['loc']}: {e['msg']}" for e in error.errors())) from error
    supplier = _suppliers(request).agree(name, terms)
    return json_answer(_described(supplier), status=200 if known else 201)


async def expect(request: Request) -> Response:
    """What a reader of the present version finds, who last read version `?since=` (default: none)."""
    supplier = _supplier(request)
    catalogue = supplier.catalogue
    since = request.query_params.get("since")
    before = Catalogue(supplier.terms.model_copy(update={"version": int(since)})) if since else None
    return json_answer(await asyncio.to_thread(_expectation, catalogue, before))


def _expectation(catalogue: Catalogue, before: Catalogue | None) -> dict[str, int]:
    """Broken products count as such only."""
    counts = {
        "total": len(catalogue),
        "invalid": 0,
        "created": 0,
        "updated": 0,
        "unchanged": 0,
        "sold_out": 0,
    }
    for product in catalogue.slice(0, len(catalogue)):
        known = before is not None and product.index < len(before)
        if catalogue.is_broken(product.index):
            kind = "invalid"
        elif not known or before is None:
            kind = "created"
        else:
            kind = "unchanged" if before.at(product.index) == product else "updated"
        counts[kind] += 1
        counts["sold_out"] += product.stock == 0 and kind != "invalid"
    return {"total": len(catalogue), **counts}


async def show_product(request: Request) -> Response:
    product = _supplier(request).catalogue.by_sku(request.path_params["sku"])
    if product is None:
        raise HTTPException(404, "no such product")
    shown = {"sku": product.sku, "name": product.name, "price": str(product.price), "stock": product.stock}
    return json_answer({**shown, "images": list(product.images), "description": product.description})


def _shown(order: PlacedOrder) -> dict[str, Any]:
    return {
        "number": order.number,
        "po_number": order.po_number,
        "stage": order.stage.name.lower(),
        "items": [[item.sku, item.quantity] for item in order.items],
        "recipient": order.recipient,
        "tracking_number": order.tracking_number,
        "times_received": order.times_received,
        "updated_at": order.updated_at.isoformat(),
    }


async def list_orders(request: Request) -> Response:
    """All orders; `times_received` counts how often each PO number was sent."""
    found = _supplier(request).list(since=None, po_number=request.query_params.get("po_number"))
    return json_answer({"count": len(found), "orders": [_shown(order) for order in found]})


class Move(BaseModel):
    """`stage`: pending, processing, shipped, delivered, cancelled, failed; left out it is the next one."""

    model_config = ConfigDict(extra="forbid")

    stage: str | None = None
    tracking_number: str | None = None


async def move_order(request: Request) -> Response:
    """Move one order (or all, with `*`) on."""
    supplier, move = _supplier(request), await read_model(request, Move)
    wanted = request.path_params["number"]
    for order in supplier.list(since=None, po_number=None):
        if wanted in ("*", str(order.number), order.po_number):
            _move(supplier, order, move)
    return await list_orders(request)


def _move(supplier: Supplier, order: PlacedOrder, move: Move) -> None:
    if move.stage is not None and move.stage.upper() not in Stage.__members__:
        raise InvalidInput(f"stages are {[stage.name.lower() for stage in Stage]}")
    order.tracking_number = move.tracking_number or order.tracking_number
    following = Stage(order.stage + 1) if order.is_under_way else order.stage
    order.move_to(Stage[move.stage.upper()] if move.stage else following, supplier.clock())


async def forget_orders(request: Request) -> Response:
    _supplier(request).orders = OrderBook()
    return Response(status_code=204)


async def list_requests(request: Request) -> Response:
    """The last requests to this supplier, newest first."""
    start = f"/{_supplier(request).name}/"
    kept = _suppliers(request).journal.last(5_000)
    mine = [exchange for exchange in kept if exchange["path"].startswith(start)]
    limit = count_parameter(request, "limit", default=100)
    return json_answer({"requests": mine[:limit], "total": len(mine)})


_ONE = "/control/supplier/{name}"
ROUTES = [
    Route("/control/supplier", list_suppliers, methods=["GET"]),
    Route(_ONE, show_supplier, methods=["GET"]),
    Route(f"{_ONE}/terms", agree, methods=["PATCH"]),
    Route(f"{_ONE}/expectation", expect, methods=["GET"]),
    Route(f"{_ONE}/products/{{sku}}", show_product, methods=["GET"]),
    Route(f"{_ONE}/orders", list_orders, methods=["GET"]),
    Route(f"{_ONE}/orders", forget_orders, methods=["DELETE"]),
    Route(f"{_ONE}/orders/{{number}}/move", move_order, methods=["POST"]),
    Route(f"{_ONE}/requests", list_requests, methods=["GET"]),
]
