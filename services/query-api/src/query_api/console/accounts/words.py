"""Kinds of systems, their credentials and their options as people call them. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from query_api.account_kinds import SUPPLIER

KIND_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "engage": "Engage (CRM)",
        "shopify": "Shopify",
        "supplier": "Dropshipping supplier",
        "amazon": "Amazon",
        "ebay": "eBay",
        "shipper": "Shipping software",
        "woocommerce": "WooCommerce",
        "standard": "Standard Webhooks",
    }
)
KIND_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "engage": "Gets contacts, receipts and the status of orders, and tells of consents",
        "shopify": "The shop's own API: polls, imports and parcels",
        "supplier": "Takes orders and tells of products and parcels; any HTTP API, described by its format",
        "amazon": "Orders are read, and packages reported",
        "ebay": "Orders and listings are read, and packages reported",
        "shipper": "Tells which packages were sent",
        "woocommerce": "Sends customers and orders as webhooks",
        "standard": "Any other sender that signs as standardwebhooks.com says",
    }
)
SWITCHES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "auto_publish_order": ("Auto Publish Order", "New orders go to the supplier by themselves"),
        "auto_update_order_status": ("Auto Update Order Status", "The supplier is asked how orders stand"),
        "auto_update_product_data": ("Auto Update Product Data", "The supplier is asked for its products"),
        "create_new_products": ("Create new products", "Products nobody knew are taken over"),
    }
)
INTERVALS: Mapping[str, str] = MappingProxyType(
    {
        "order_status_interval_minutes": "Minutes between order updates",
        "product_data_interval_minutes": "Minutes between product updates",
    }
)
_CREDENTIALS = MappingProxyType(
    {"api_key": "API key", "client_id": "Client ID", "token2": "Second token"},
)


@dataclass(frozen=True, slots=True)
class Options:
    """`switches`: whether each is on; `values`: what fits on a line; `documents`: what does not, as JSON."""

    switches: list[tuple[str, bool]]
    values: list[tuple[str, str]]
    documents: list[tuple[str, str]]


def credential_title(name: str) -> str:
    return _CREDENTIALS.get(name) or _titled(name)


def options_of(kind: str, settings: Mapping[str, Any]) -> Options:
    """A supplier's switches are all there, whether they were ever set or not."""
    switches = SWITCHES if kind == SUPPLIER.name else {}
    others = {name: value for name, value in settings.items() if name not in switches}
    return Options(
        switches=[(title, bool(settings.get(name))) for name, (title, _) in switches.items()],
        values=[(_option_title(name), _said(value)) for name, value in others.items() if not _is_long(value)],
        documents=[
            (_titled(name), json.dumps(value, indent=2, ensure_ascii=False))
            for name, value in others.items()
            if _is_long(value)
        ],
    )


def _is_long(value: Any) -> bool:
    return isinstance(value, dict | list)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _option_title(name: str) -> str:
    return INTERVALS.get(name) or _titled(name)


def _titled(name: str) -> str:
    return name.replace("_", " ").capitalize()
