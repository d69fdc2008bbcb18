"""Steering the shop: traffic, single deliveries, bursts; and what it has sent."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import count_parameter, json_answer, read_model
from sandbox.shopify.app import ShopifyShop
from sandbox.shopify.burst import BurstOrder
from sandbox.shopify.shops import Shops
from sandbox.shopify.single import SingleOrder, write_letter
from sandbox.shopify.traffic import TrafficSettings


def shop_of(request: Request) -> ShopifyShop:
    """The shop the path names, or the first one; raises 404."""
    shops: Shops = request.app.state.shops
    shop = shops.find(request.path_params.get("domain"))
    if shop is None:
        raise HTTPException(404, "no such shop")
    return shop


async def show_traffic(request: Request) -> Response:
    shop = shop_of(request)
    return json_answer(shop.traffic.settings.model_dump(mode="json"))


async def put_traffic(request: Request) -> Response:
    """Set rate, duplicates, reordering and topics; what is left out takes its default."""
    shop = shop_of(request)
    shop.traffic.change(await read_model(request, TrafficSettings))
    return json_answer(shop.traffic.settings.model_dump(mode="json"))


async def show_stats(request: Request) -> Response:
    shop = shop_of(request)
    return json_answer({**shop.ledger.describe(), "pending": shop.courier.pending})


async def list_deliveries(request: Request) -> Response:
    """The last deliveries, newest first; `?limit=`, default 100."""
    shop = shop_of(request)
    return json_answer({"deliveries": shop.ledger.last(count_parameter(request, "limit", default=100))})


async def send(request: Request) -> Response:
    """Sign and send one delivery now, without retries; 200 with each attempt's answer."""
    shop = shop_of(request)
    order = await read_model(request, SingleOrder)
    letter = write_letter(order, sender=shop.sender, made_up=shop.examples.body)
    answers = await shop.courier.post(letter, times=order.times)
    return json_answer({"webhook_id": letter.webhook_id, "headers": dict(letter.headers), "answers": answers})


async def start_burst(request: Request) -> Response:
    """202 with the burst's id."""
    shop = shop_of(request)
    burst = shop.start_burst(await read_model(request, BurstOrder))
    place = f"{request.url.path.removesuffix('/burst')}/bursts/{burst.id}"
    return json_answer({"id": burst.id}, status=202, headers={"Location": place})


async def show_burst(request: Request) -> Response:
    """Progress and, once all deliveries exist, the expectation; `?brief=1` leaves the expectation out."""
    shop = shop_of(request)
    burst = shop.bursts.get(request.path_params["burst_id"])
    if burst is None:
        raise HTTPException(404, "no such burst")
    return json_answer(burst.progress() if request.query_params.get("brief") else burst.describe())


def routes(prefix: str) -> list[Route]:
    return [
        Route(f"{prefix}/traffic", show_traffic, methods=["GET"]),
        Route(f"{prefix}/traffic", put_traffic, methods=["PUT"]),
        Route(f"{prefix}/stats", show_stats, methods=["GET"]),
        Route(f"{prefix}/deliveries", list_deliveries, methods=["GET"]),
        Route(f"{prefix}/send", send, methods=["POST"]),
        Route(f"{prefix}/burst", start_burst, methods=["POST"]),
        Route(f"{prefix}/bursts/{{burst_id}}", show_burst, methods=["GET"]),
    ]
