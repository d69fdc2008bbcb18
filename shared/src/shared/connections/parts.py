"""Which parts of its system an account is asked for, and which lane tries them. Pure."""

from collections.abc import Mapping
from typing import Any

from shared.tasks import Api, Lane

_SHOP = (Api.PRODUCTS, Api.ORDERS, Api.WRITEBACK)
_PARTS: Mapping[str, tuple[Api, ...]] = {
    "shopify": _SHOP,
    "amazon": _SHOP,
    "ebay": _SHOP,
    "engage": (Api.CONTACTS, Api.ORDERS),
    "supplier": (Api.PRODUCTS, Api.ORDERS),
}
_TRADING = (*_SHOP, Api.TRADING)
_TRIED_BY_WRITEBACK = frozenset({"amazon", "ebay"})

CALLED_KINDS = tuple(_PARTS)


def parts_of(kind: str, settings: Mapping[str, Any]) -> tuple[Api, ...]:
    """What such an account is always asked for; empty for systems that only send to us."""
    if kind == "ebay" and settings.get("uses") == "trading":
        return _TRADING
    if kind == "supplier":
        return tuple(part for part in _PARTS[kind] if part is not Api.PRODUCTS or _has_catalogue(settings))
    return _PARTS.get(kind, ())


def _has_catalogue(settings: Mapping[str, Any]) -> bool:
    wire = settings.get("format")
    return isinstance(wire, Mapping) and wire.get("products") is not None


def lane_of_trials(kind: str) -> Lane | None:
    """The lane of the service that has the clients of this kind; None: that of the task's type."""
    return Lane.WRITEBACK if kind in _TRIED_BY_WRITEBACK else None
