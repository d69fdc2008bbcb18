"""What can be read of the shop, by type and field: for queries and for bulk operations alike."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.shopify.admin.context import Args, Context, Resolver
from sandbox.shopify.admin.fields import customers, field_readers, fulfillment, lines, orders, products, shop
from sandbox.shopify.admin.sources import Source

Opener = Callable[[Any, Context, Args], Source]
Registry = dict[str, dict[str, Any]]


def merged(*parts: Mapping[str, Mapping[str, Any]]) -> Registry:
    """One registry of several; a field two of them name is the last one's."""
    result: Registry = {}
    for part in parts:
        for kind, fields in part.items():
            result.setdefault(kind, {}).update(fields)
    return result


_MODULES = (field_readers, shop, customers, orders, lines, products, fulfillment)
FIELDS: dict[str, dict[str, Resolver]] = merged(*(module.FIELDS for module in _MODULES))
CONNECTIONS: dict[str, dict[str, Opener]] = merged(
    *(module.CONNECTIONS for module in _MODULES if hasattr(module, "CONNECTIONS"))
)
