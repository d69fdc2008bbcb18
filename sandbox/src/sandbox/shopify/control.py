"""Steering the shop: traffic, single deliveries, bursts; and what it has sent."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import InvalidInput, count_parameter, json_answer
from sandbox.shopify.app import ShopifyShop
from sandbox.shopify.burst import BurstOrder
from sandbox.shopify.single import SingleOrder, write_letter
from sandbox.shopify.traffic import TrafficSettings

Model = TypeVar("Model", bound=BaseModel)


async def _read(request: Request, model: type[Model]) -> Model:
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise InvalidInput("; ".join(f"{e['loc']}: {e['msg']}" for e in error.errors())) from error


async def show_traffic(request: Request) -> Response:
    shop: ShopifyShop = request.app.state.shop
    return json_answer(shop.traffic.settings.model_dump(mode="json"))


async def put_traffic(request: Request) -> Response:
    """Set rate, duplicates, reordering and topics; what is left out takes its default."""
    shop: ShopifyShop = request.app.state.shop
    shop.traffic.change(await _read(request, TrafficSettings))
    return json_answer(shop.traffic.settings.model_dump(mode="json"))


async def show_stats(request: Request) -> Response:
    shop: ShopifyShop = request.app.state.shop
    return json_answer({**shop.ledger.describe(), "pending": shop.courier.pending})


async def list_deliveries(request: Request) -> Response:
    """The last deliveries, newest first; `?limit=`, default 100."""
    shop: ShopifyShop = request.app.state.shop
    return json_answer({"deliveries": shop.ledger.last(count_parameter(request, "limit", default=100))})


async def send(request: Request) -> Response:
    """Sign and send one delivery now, without retries; 200 with each attempt's answer."""
    shop: ShopifyShop = request.app.state.shop
    order = await _read(request, SingleOrder)
    letter = write_letter(order, sender=shop.sender, shop=shop.example_shop())
    answers = await shop.courier.post(letter, times=order.times)
    return json_answer({"webhook_id": letter.webhook_id, "headers": dict(letter.headers), "answers": answers})


async def start_burst(request: Request) -> Response:
    """202 with the burst's id."""
    shop: ShopifyShop = request.app.state.shop
    burst = shop.start_burst(await _read(request, BurstOrder))
    return json_answer({"id": burst.id}, status=202, headers={"Location": f"/control/shop/bursts/{burst.id}"})


async def show_burst(request: Request) -> Response:
    """Progress and, once all deliveries exist, the expectation; `?brief=1` leaves the expectation out."""
    shop: ShopifyShop = request.app.state.shop
    burst = shop.bursts.get(request.path_params["burst_id"])
    if burst is None:
        raise HTTPException(404, "no such burst")
    return json_answer(burst.progress() if request.query_params.get("brief") else burst.describe())


ROUTES = [
    Route("/control/shop/traffic", show_traffic, methods=["GET"]),
    Route("/control/shop/traffic", put_traffic, methods=["PUT"]),
    Route("/control/shop/stats", show_stats, methods=["GET"]),
    Route("/control/shop/deliveries", list_deliveries, methods=["GET"]),
    Route("/control/shop/send", send, methods=["POST"]),
    Route("/control/shop/burst", start_burst, methods=["POST"]),
    Route("/control/shop/bursts/{burst_id}", show_burst, methods=["GET"]),
]
