"""Composition root of the sandbox."""

import argparse
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from sandbox import fault_control, memory, status
from sandbox.answers import InvalidInput, json_answer
from sandbox.engage import control as engage_control
from sandbox.engage.app import Engage
from sandbox.faults import FaultBoard
from sandbox.server import server_for
from sandbox.settings import Settings
from sandbox.shopify import control as shop_control
from sandbox.shopify.app import ShopifyShop, build_shop
from sandbox.shopify.delivery import Sender


def build_app(settings: Settings) -> Starlette:
    """The whole outside world as one ASGI application; nothing runs before its lifespan starts."""
    seed = settings.seed or secrets.token_hex(8)
    faults = FaultBoard(seed)
    engage = Engage(settings.engage_api_key, faults)
    shop = build_shop(
        Sender(settings.shop_domain, settings.webhook_secret),
        ingest_url=settings.ingest_url,
        retry_scale=settings.retry_scale,
        traffic_rate=settings.traffic_rate,
        seed=seed,
    )
    app = Starlette(
        routes=[
            *status.ROUTES,
            *fault_control.ROUTES,
            *engage_control.ROUTES,
            *shop_control.ROUTES,
            Mount("/engage", app=engage.app),
        ],
        exception_handlers={InvalidInput: refuse_input},
        lifespan=lambda _app: _lifespan(engage, shop, settings.state_file),
    )
    app.state.faults, app.state.engage, app.state.shop = faults, engage, shop
    return app


async def refuse_input(_request: Request, error: Exception) -> Response:
    return json_answer({"error": str(error)}, status=422)


@contextlib.asynccontextmanager
async def _lifespan(engage: Engage, shop: ShopifyShop, file: Path | None) -> AsyncIterator[None]:
    async with memory.kept_in(file, engage):
        shop.start()
        yield
        await shop.stop()


def main() -> None:
    options = argparse.ArgumentParser(description="The outside world for demos and tests.")
    options.add_argument(
        "--state", type=Path, metavar="FILE", help="keep the CRM's content in FILE over a restart"
    )
    settings = Settings()
    settings.state_file = options.parse_args().state or settings.state_file
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    server_for(
        build_app(settings), host=settings.host, port=settings.port, log_level=settings.log_level
    ).run()


if __name__ == "__main__":
    main()
