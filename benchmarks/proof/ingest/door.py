"""What ingest is measured against: the same server that checks signatures, and may publish what it got.

DOOR names what is done with a body whose signature is right: `hmac` nothing, `aio-pika` and `faststream` one
confirmed publish of it to where ingest publishes, by way of that library.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aio_pika
from faststream.rabbit import ExchangeType, RabbitExchange
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ingest.signatures import body_signer
from shared import topology
from shared.broker import build_broker, connect_when_up
from shared.service import run_service
from shared.settings import CommonSettings, load_settings

KEY = "queued.sync.CustomerWebhook"
Publish = Callable[[bytes], Awaitable[object]]


@asynccontextmanager
async def _nothing(_url: str) -> AsyncIterator[Publish]:
    async def publish(_body: bytes) -> None:
        pass

    yield publish


@asynccontextmanager
async def _faststream(url: str) -> AsyncIterator[Publish]:
    broker = build_broker(url, app_id="door")
    await connect_when_up(broker)
    exchange = RabbitExchange(topology.TASKS, type=ExchangeType.TOPIC, declare=False)

    async def publish(body: bytes) -> None:
        await broker.publish(body, routing_key=KEY, exchange=exchange, persist=True, mandatory=True)

    yield publish
    await broker.stop()


@asynccontextmanager
async def _aio_pika(url: str) -> AsyncIterator[Publish]:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        await topology.declare(channel)
        exchange = await channel.get_exchange(topology.TASKS, ensure=False)

        async def publish(body: bytes) -> None:
            message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await exchange.publish(message, KEY, mandatory=True)

        yield publish


DOORS: dict[str, Callable[[str], AbstractAsyncContextManager[Publish]]] = {
    "hmac": _nothing,
    "aio-pika": _aio_pika,
    "faststream": _faststream,
}


def build_app(url: str, door: str, secret: bytes) -> Starlette:
    publish: Publish

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal publish
        async with DOORS[door](url) as publish:
            yield

    async def receive(request: Request) -> Response:
        body = await request.body()
        body_signer(body, request.headers["x-shopify-hmac-sha256"], [secret])
        await publish(body)
        return JSONResponse({"ok": True})

    async def is_up(_: Request) -> Response:
        return Response()

    routes = [Route("/webhooks/shopify", receive, methods=["POST"]), Route("/readyz", is_up)]
    return Starlette(routes=routes, lifespan=lifespan)


if __name__ == "__main__":
    settings = load_settings(CommonSettings)
    secret = os.environ["WEBHOOK_SECRET"].encode()
    run_service(build_app(settings.rabbitmq_url.get_secret_value(), os.environ["DOOR"], secret), settings)
