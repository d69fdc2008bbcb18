"""The Trading API: `/ws/api.dll`, one address for all calls, HTTP 200 whatever happens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.ebay import completing, listing, xml
from sandbox.ebay.moments import time_of
from sandbox.ebay.problems import Failure, errors_of
from sandbox.ebay.seller import Seller
from sandbox.ebay.terms import Problem

_CALL, _SITE, _LEVEL, _TOKEN = (
    f"x-ebay-api-{name}" for name in ("call-name", "siteid", "compatibility-level", "iaf-token")
)
Carry = Callable[[Seller, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Call:
    """What a request may hold, and what carries it out."""

    schema: Mapping[str, Any]
    carry: Carry


CALLS = {
    "CompleteSale": Call(completing.SCHEMA, completing.complete_sale),
    "GetOrders": Call(listing.ORDERS, listing.get_orders),
    "GetSellerList": Call(listing.ITEMS, listing.get_seller_list),
}


async def answer(request: Request) -> Response:
    body = await request.body()
    name = request.headers.get(_CALL) or xml.name_of(body) or ""
    try:
        return _carried_out(request, name, body)
    except Failure as failure:
        return _told(name, "Failure", {}, failure.errors)
    except xml.Unacceptable as error:
        return _told(name, "Failure", {}, Failure("5", str(error)).errors)


def operations(body: bytes) -> frozenset[str]:
    """What the fault rules call an operation."""
    name = xml.name_of(body)
    return frozenset() if name is None else frozenset({name})


def _carried_out(request: Request, name: str, body: bytes) -> Response:
    _check_headers(request)
    call = CALLS.get(name)
    if call is None:
        raise Failure("2", "Unsupported API call.", CallName=name)
    content = xml.read(body, name, call.schema)
    seller = _seller(request, content)
    seller.counts[f"calls.{name}"] += 1
    problem = seller.problem_of(name)
    if problem is not None and problem.ack != "Warning":
        return _told(name, problem.ack, {}, errors_of(problem))
    done = call.carry(seller, content)
    return _told(name, *_success(problem, done))


def _success(
    problem: Problem | None, done: dict[str, Any]
) -> tuple[str, dict[str, Any], list[dict[str, Any]]]:
    return ("Success", done, []) if problem is None else (problem.ack, done, errors_of(problem))


def _check_headers(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "text/xml":
        raise Failure("10012", "The content type has to be text/xml.")
    for header in (_CALL, _SITE, _LEVEL):
        if not request.headers.get(header):
            raise Failure("10012", "Invalid or missing HTTP header.", header=header.upper())
    if not request.headers[_SITE].isdecimal() or not request.headers[_LEVEL].isdecimal():
        raise Failure("10012", "Invalid or missing HTTP header.", header=_SITE.upper())


def _seller(request: Request, content: dict[str, Any]) -> Seller:
    """By the token of the header, or that of the request. Raises Failure."""
    inside = (content.get("RequesterCredentials") or {}).get("eBayAuthToken", "")
    seller: Seller | None = request.app.state.find(request.headers.get(_TOKEN) or inside)
    if seller is None:
        raise Failure("21916984", "Invalid IAF token.")
    if seller.terms.is_suspended:
        raise Failure("841", "The user is suspended.")
    return seller


def _told(name: str, ack: str, content: dict[str, Any], errors: list[dict[str, Any]]) -> Response:
    facts = {"Timestamp": time_of(datetime.now(UTC)), "Ack": ack, "Errors": errors}
    body = xml.write(f"{name or 'eBay'}Response", {**facts, "Version": "1379", "Build": "E1379", **content})
    return Response(body, media_type="text/xml")


ROUTES = [Route("/ws/api.dll", answer, methods=["POST"])]
