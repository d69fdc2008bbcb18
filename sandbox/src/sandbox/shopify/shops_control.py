"""Opening further shops."""

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer, read_model
from sandbox.shopify.app import ShopOrder
from sandbox.shopify.delivery import Sender
from sandbox.shopify.shops import Shops


class Opening(BaseModel):
    model_config = ConfigDict(extra="forbid")

    secret: str = Field(default="sandbox-webhook-secret", repr=False)
    access_token: str = Field(default="sandbox-shopify-token", repr=False)
    seed: str | None = None


async def list_shops(request: Request) -> Response:
    shops: Shops = request.app.state.shops
    return json_answer({"first": shops.first, "shops": list(shops.by_domain)})


async def open_shop(request: Request) -> Response:
    """201 for a new shop, 200 for one that is open already (and stays as it is)."""
    shops: Shops = request.app.state.shops
    domain, opening = request.path_params["domain"], await read_model(request, Opening)
    known = domain in shops.by_domain
    seed = opening.seed or f"{domain}:{len(shops.by_domain)}"
    shops.add(ShopOrder(Sender(domain, opening.secret), opening.access_token, seed=seed))
    return json_answer({"domain": domain}, status=200 if known else 201)


ROUTES = [
    Route("/control/shops", list_shops, methods=["GET"]),
    Route("/control/shops/{domain}", open_shop, methods=["PUT"]),
]
