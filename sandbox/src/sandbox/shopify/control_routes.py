"""The control API of the shops: the first one at /control/shop, each one at /control/shops/{domain}."""

from starlette.routing import Route

from sandbox.shopify import control

_PREFIXES = ("/control/shop", "/control/shops/{domain}")
_PARTS = (control,)
ROUTES: list[Route] = [route for prefix in _PREFIXES for part in _PARTS for route in part.routes(prefix)]
