"""`POST /{shop}/admin/api/{version}/graphql.json`: who may come in, and which version answers."""

from hmac import compare_digest
from typing import Any
from uuid import uuid4

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer
from sandbox.shopify.admin.answering import Asked, answer, root_fields
from sandbox.shopify.admin.context import Context
from sandbox.shopify.app import ShopifyShop
from sandbox.shopify.behaviour import ShopStatus
from sandbox.shopify.shops import Shops

SUPPORTED = ("2026-01", "2026-04", "2026-07", "2026-10")
UNSTABLE = "unstable"
_CLOSED = {
    ShopStatus.FROZEN: (402, "Unavailable Shop"),
    ShopStatus.LOCKED: (423, "Unavailable Shop"),
}
_PARTS = {"query", "variables", "operationName"}
_BAD_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105


def answering_version(asked: str) -> str | None:
    """The version that answers: an old one falls forward to the oldest supported, a future one to none."""
    if asked in SUPPORTED or asked == UNSTABLE:
        return asked
    is_version = len(asked) == 7 and asked[4] == "-" and asked[-2:] in ("01", "04", "07", "10")
    return SUPPORTED[0] if is_version and asked < SUPPORTED[0] else None


async def graphql(request: Request) -> Response:
    shops: Shops = request.app.state.shops
    shop = shops.find(request.path_params["domain"])
    version = answering_version(request.path_params["version"])
    if shop is None or version is None:
        return _failed(404, "Not Found")
    if refusal := _refusal(shop, request):
        return refusal
    asked = _asked(await request.body())
    if asked is None:
        return json_answer({"errors": {"query": "Required parameter missing or invalid"}}, status=400)
    base = f"{request.url.scheme}://{request.url.netloc}"
    content = await answer(asked, Context(shop, base_url=base, api_version=version))
    headers = {"X-Shopify-API-Version": version, "X-Request-Id": str(uuid4())}
    return json_answer(content, headers=headers)


def operations(body: bytes) -> frozenset[str]:
    """The root fields a request asks for, for rules that concern one of them."""
    asked = _asked(body)
    return root_fields(asked.text) if asked else frozenset()


def told(code: str) -> dict[str, Any]:
    """A failure of HTTP: `errors` is a text, not a list."""
    return {"errors": f"{code} (injected by the sandbox)"}


def _refusal(shop: ShopifyShop, request: Request) -> Response | None:
    """401 for a wrong token, 402 and 423 for a shop that is closed."""
    token = request.headers.get("X-Shopify-Access-Token", "")
    if shop.access_token is None or not compare_digest(token.encode(), shop.access_token.encode()):
        return _failed(401, _BAD_TOKEN)
    if closed := _CLOSED.get(shop.behaviour.shop_status):
        return _failed(*closed)
    return None


def _failed(status: int, errors: str) -> Response:
    return json_answer({"errors": errors}, status=status)


def _asked(body: bytes) -> Asked | None:
    try:
        content: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(content, dict) or not isinstance(content.get("query"), str):
        return None
    if not content.keys() <= _PARTS:
        return None
    variables = content.get("variables")
    if variables is not None and not isinstance(variables, dict):
        return None
    return Asked(content["query"], variables or {}, content.get("operationName"))


def build_endpoint(shops: Shops) -> Starlette:
    """The Admin API of all shops, relative to where it is mounted."""
    app = Starlette(routes=[Route("/{domain}/admin/api/{version}/graphql.json", graphql, methods=["POST"])])
    app.state.shops = shops
    return app
