"""The Selling Partner API: who may come in, how often, and what is answered."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.amazon import catalogue, confirming, order_answers, queries
from sandbox.amazon.orders import By, Order, Status
from sandbox.amazon.refusals import Refusal, invalid
from sandbox.amazon.seller import Seller
from sandbox.answers import json_answer

_DATE = re.compile(r"\d{8}T\d{6}Z")
_SEARCH = (
    "createdAfter", "createdBefore", "lastUpdatedAfter", "lastUpdatedBefore", "fulfillmentStatuses",
    "marketplaceIds", "fulfilledBy", "maxResultsPerPage", "paginationToken", "includedData",
)  # fmt: skip
_ITEM_SEARCH = (
    "identifiers", "identifiersType", "marketplaceIds", "includedData", "locale", "sellerId", "pageSize",
    "pageToken",
)  # fmt: skip
_NO_HEADER = frozenset({401, 403, 429})

Answer = Callable[[Seller, Request], Awaitable[Response]]
Find = Callable[[str], Seller | None]


def _operation(name: str, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that asks for the token and takes its turn in the seller's usage plan."""

    async def endpoint(request: Request) -> Response:
        seller = _admitted(request)
        try:
            seller.take_turn(name)
            response = await answer(seller, request)
        except Refusal as refusal:
            seller.counts[f"refused.{refusal.code}"] += 1
            response = refusal.answer()
        response.headers["x-amzn-RequestId"] = str(uuid4())
        if response.status_code not in _NO_HEADER:
            response.headers["x-amzn-RateLimit-Limit"] = str(seller.terms.limit_of(name).per_second)
        return response

    return endpoint


def _admitted(request: Request) -> Seller:
    """Raises Refusal 403 without a good access token, 400 without the other headers Amazon wants."""
    find: Find = request.app.state.find
    seller = find(request.headers.get("x-amz-access-token", ""))
    if seller is None:
        details = "The access token you provided is missing, revoked, malformed, invalid or expired."
        raise Refusal(403, "Unauthorized", "Access to requested resource is denied.", details)
    if not _DATE.fullmatch(request.headers.get("x-amz-date", "")):
        raise invalid("The header x-amz-date is missing or is no date.", "x-amz-date")
    if not request.headers.get("user-agent", "").strip():
        raise invalid("The header user-agent is missing.", "user-agent")
    return seller


async def confirm_shipment(seller: Seller, request: Request) -> Response:
    """204 without a body."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise invalid("The content type must be application/json.", "content-type")
    asked = confirming.read(await request.body())
    order = seller.find(request.path_params["order_id"])
    is_known = asked.package_detail.package_reference_id in order.packages
    confirming.confirm(order, asked, seller.now())
    seller.counts["confirmations"] += 1
    seller.counts["packages_repeated" if is_known else "packages_made"] += 1
    return Response(status_code=204)


async def get_order(seller: Seller, request: Request) -> Response:
    query = queries.parameters(request, ("includedData",))
    included = queries.listed(query, "includedData", order_answers.DATASETS)
    order = seller.find(request.path_params["order_id"])
    return json_answer({"order": order_answers.shown(order, included)})


async def search_orders(seller: Seller, request: Request) -> Response:
    query = queries.parameters(request, _SEARCH)
    included = queries.listed(query, "includedData", order_answers.DATASETS)
    size = queries.count(query, "maxResultsPerPage", default=100, most=100)
    start, found = queries.page_start(query, "paginationToken"), _found(seller, query)
    rest = start + size < len(found)
    shown = [order_answers.shown(order, included) for order in found[start : start + size]]
    return json_answer(
        {
            "orders": shown,
            **({"pagination": {"nextToken": queries.page_token(start + size)}} if rest else {}),
            "lastUpdatedBefore": order_answers.wire_time(seller.now()),
        }
    )


def _found(seller: Seller, query: dict[str, str]) -> list[Order]:
    """By the time they are asked for, the oldest first."""
    by_creation, since = _since(query)
    statuses = queries.listed(query, "fulfillmentStatuses", frozenset(Status)) or frozenset(Status)
    marketplaces = queries.listed(query, "marketplaceIds") or frozenset(seller.terms.marketplace_ids)
    by = queries.listed(query, "fulfilledBy", frozenset(By)) or frozenset(By)

    def time_of(order: Order) -> datetime:
        return order.created_at if by_creation else order.updated_at

    found = [
        order
        for order in seller.orders.values()
        if time_of(order) >= since
        and order.status in statuses
        and order.marketplace_id in marketplaces
        and order.fulfilled_by in by
    ]
    return sorted(found, key=lambda order: (time_of(order), order.id))


def _since(query: dict[str, str]) -> tuple[bool, datetime]:
    """Whether orders are asked for by when they were made, and since when."""
    made, changed = queries.moment(query, "createdAfter"), queries.moment(query, "lastUpdatedAfter")
    if made is not None and changed is None:
        return True, made
    if changed is not None and made is None:
        return False, changed
    raise invalid("Exactly one of createdAfter and lastUpdatedAfter must be given.", "createdAfter")


async def search_catalog_items(seller: Seller, request: Request) -> Response:
    query = queries.parameters(request, _ITEM_SEARCH)
    marketplace_id = _one_marketplace(query)
    included = queries.listed(query, "includedData", catalogue.DATASETS) or frozenset({"summaries"})
    wanted, kind = queries.listed(query, "identifiers"), query.get("identifiersType")
    if not wanted or kind is None or len(wanted) > 20:
        raise invalid("Up to 20 identifiers and their type are needed.", "identifiers")
    if kind == "SKU" and "sellerId" not in query:
        raise invalid("sellerId is required when identifiersType is SKU.", "sellerId")
    size = queries.count(query, "pageSize", default=10, most=20)
    start = queries.page_start(query, "pageToken")
    found = catalogue.identified(seller.products.values(), kind, set(wanted))
    rest = start + size < len(found)
    items = [catalogue.shown(one, marketplace_id, included) for one in found[start : start + size]]
    pagination = {"pagination": {"nextToken": queries.page_token(start + size)}} if rest else {}
    return json_answer({"numberOfResults": len(found), **pagination, "items": items})


async def get_catalog_item(seller: Seller, request: Request) -> Response:
    query = queries.parameters(request, ("marketplaceIds", "includedData", "locale"))
    marketplace_id = _one_marketplace(query)
    included = queries.listed(query, "includedData", catalogue.DATASETS) or frozenset({"summaries"})
    asin = request.path_params["asin"]
    found = catalogue.identified(seller.products.values(), "ASIN", {asin})
    if not found:
        raise Refusal(404, "NOT_FOUND", f"Requested item '{asin}' not found in marketplace(s).")
    return json_answer(catalogue.shown(found[0], marketplace_id, included))


def _one_marketplace(query: dict[str, str]) -> str:
    marketplaces = queries.listed(query, "marketplaceIds")
    if len(marketplaces) != 1:
        raise invalid("Exactly one marketplace must be given.", "marketplaceIds")
    return next(iter(marketplaces))


async def refuse(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return refusal.answer()


def build_api(find: Find) -> Starlette:
    """`find`: the seller an access token is good for."""
    orders, items = "/orders/2026-01-01/orders", "/catalog/2022-04-01/items"
    confirmation = "/orders/v0/orders/{order_id}/shipmentConfirmation"
    app = Starlette(
        routes=[
            Route(confirmation, _operation("confirmShipment", confirm_shipment), methods=["POST"]),
            Route(orders, _operation("searchOrders", search_orders), methods=["GET"]),
            Route(f"{orders}/{{order_id}}", _operation("getOrder", get_order), methods=["GET"]),
            Route(items, _operation("searchCatalogItems", search_catalog_items), methods=["GET"]),
            Route(f"{items}/{{asin}}", _operation("getCatalogItem", get_catalog_item), methods=["GET"]),
        ],
        exception_handlers={Refusal: refuse},
    )
    app.state.find = find
    return app
