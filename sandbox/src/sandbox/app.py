"""Composition root of the sandbox."""

import argparse
import logging
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from sandbox import fault_control, status
from sandbox.amazon import control as amazon_control
from sandbox.answers import InvalidInput, json_answer
from sandbox.ebay import control as ebay_control
from sandbox.engage import control as engage_control
from sandbox.engage import hook_control
from sandbox.gateway import Gateway, Tongue
from sandbox.mail import pages as mail_pages
from sandbox.packing import control as packing_control
from sandbox.server import server_for
from sandbox.settings import Settings
from sandbox.shopify import control_routes as shop_routes
from sandbox.shopify.admin import endpoint
from sandbox.shopify.admin.storage import Storage
from sandbox.standard import control as standard_control
from sandbox.supplier import control as supplier_control
from sandbox.woocommerce import control as woo_control
from sandbox.world import World, build_world


def build_app(settings: Settings) -> Starlette:
    """The whole outside world as one ASGI application; nothing runs before its lifespan starts."""
    world = build_world(settings)
    app = Starlette(
        routes=_routes(world),
        exception_handlers={InvalidInput: refuse_input},
        lifespan=lambda _app: world.running(),
    )
    app.state.faults, app.state.engage, app.state.shops = world.faults, world.engage, world.shops
    app.state.suppliers, app.state.amazon, app.state.ebay = world.suppliers, world.amazon, world.ebay
    app.state.woocommerce, app.state.standard = world.woocommerce, world.standard
    app.state.packing, app.state.mailbox = world.packing, world.mailbox
    return app


def _routes(world: World) -> list[BaseRoute]:
    return [
        *status.ROUTES,
        *fault_control.ROUTES,
        *engage_control.ROUTES,
        *hook_control.ROUTES,
        *shop_routes.ROUTES,
        *supplier_control.ROUTES,
        *amazon_control.ROUTES,
        *ebay_control.ROUTES,
        *woo_control.ROUTES,
        *standard_control.ROUTES,
        *packing_control.ROUTES,
        *mail_pages.ROUTES,
        Mount("/engage", app=world.engage.app),
        Mount("/supplier", app=world.suppliers.app),
        Mount("/amazon-login", app=world.amazon.login),
        Mount("/amazon", app=world.amazon.app),
        Mount("/ebay/identity", app=world.ebay.login),
        Mount("/ebay", app=world.ebay.app),
        Mount("/shopify-storage", app=Storage(world.shops, world.faults, world.shops.storage_journal)),
        Mount("/shopify", app=_shopify_api(world)),
    ]


def _shopify_api(world: World) -> Gateway:
    tongue = Tongue(told=endpoint.told, operations=endpoint.operations)
    return Gateway(
        endpoint.build_endpoint(world.shops),
        system="shopify",
        faults=world.faults,
        journal=world.shops.journal,
        tongue=tongue,
    )


async def refuse_input(_request: Request, error: Exception) -> Response:
    return json_answer({"error": str(error)}, status=422)


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
