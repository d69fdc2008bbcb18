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
from sandbox.gateway import Gateway, Tongue
from sandbox.server import server_for
from sandbox.settings import Settings
from sandbox.shopify import control_routes as shop_routes
from sandbox.shopify.admin import endpoint
from sandbox.shopify.admin.storage import Storage
from sandbox.shopify.app import ShopOrder
from sandbox.shopify.delivery import Sender
from sandbox.shopify.shops import Shops
from sandbox.supplier import control as supplier_control
from sandbox.supplier.app import Suppliers


def build_app(settings: Settings) -> Starlette:
    """The whole outside world as one ASGI application; nothing runs before its lifespan starts."""
    seed = settings.seed or secrets.token_hex(8)
    faults = FaultBoard(seed)
    engage = Engage(settings.engage_api_key, faults)
    shops, suppliers = build_shops(settings, seed), Suppliers(faults)
    app = Starlette(
        routes=[
            *status.ROUTES,
            *fault_control.ROUTES,
            *engage_control.ROUTES,
            *shop_routes.ROUTES,
            *supplier_control.ROUTES,
            Mount("/engage", app=engage.app),
            Mount("/shopify-storage", app=Storage(shops, faults, shops.storage_journal)),
            Mount("/supplier", app=suppliers.app),
            Mount("/shopify", app=_shopify_api(shops, faults)),
        ],
        exception_handlers={InvalidInput: refuse_input},
        lifespan=lambda _app: _lifespan(engage, shops, settings.state_file),
    )
    app.state.faults, app.state.engage, app.state.shops = faults, engage, shops
    app.state.suppliers = suppliers
    return app


def build_shops(settings: Settings, seed: str) -> Shops:
    """The shops, of which the settings name the first."""
    shops = Shops(settings.ingest_url, settings.retry_scale, first=settings.shop_domain)
    first = ShopOrder(
        Sender(settings.shop_domain, settings.webhook_secret),
        settings.shopify_access_token,
        seed=seed,
        traffic_rate=settings.traffic_rate,
    )
    shops.add(first)
    return shops


def _shopify_api(shops: Shops, faults: FaultBoard) -> Gateway:
    tongue = Tongue(told=endpoint.told, operations=endpoint.operations)
    return Gateway(
        endpoint.build_endpoint(shops),
        system="shopify",
        faults=faults,
        journal=shops.journal,
        tongue=tongue,
    )


async def refuse_input(_request: Request, error: Exception) -> Response:
    return json_answer({"error": str(error)}, status=422)


@contextlib.asynccontextmanager
async def _lifespan(engage: Engage, shops: Shops, file: Path | None) -> AsyncIterator[None]:
    async with memory.kept_in(file, engage):
        shops.start()
        yield
        await shops.stop()


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
