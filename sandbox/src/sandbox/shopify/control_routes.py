"""The control API of the shops: the first one at /control/shop, each one at /control/shops/{domain}."""

from starlette.routing import Route

from sandbox.shopify import admin_control, control, customer_control, order_control, shops_control

_PREFIXES = ("/control/shop", "/control/shops/{domain}")
_PARTS = (control, admin_control, customer_control, order_control)
ROUTES: list[Route] = [
    *shops_control.ROUTES,
    *(route for prefix in _PREFIXES for part in _PARTS for route in part.routes(prefix)),
]
