"""Systems, their parts and colours as people call them. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.connections.status import Colour

KINDS: Mapping[str, str] = MappingProxyType(
    {"amazon": "Amazon", "ebay": "eBay", "engage": "Engage", "shopify": "Shopify", "supplier": "Supplier"}
)
COLOURS: Mapping[Colour, str] = MappingProxyType(
    {
        Colour.GREEN: "Normal",
        Colour.YELLOW: "Degraded",
        Colour.RED: "Unavailable",
        Colour.NONE: "Unknown",
    }
)
KEY: Mapping[Colour, str] = MappingProxyType(
    {
        Colour.GREEN: "The service is connected and operating normally.",
        Colour.YELLOW: "More errors than normal, or slower than normal. The reason is told beside it.",
        Colour.RED: "It is unavailable, refuses the credentials, or has an extremely high error rate.",
        Colour.NONE: "It has not run for 10 minutes, or its status could not be read: then it says "
        "“Error reading API status”.",
    }
)


def part_name(category: str) -> str:
    """`Products API`."""
    return f"{category.replace('_', ' ').capitalize()} API"


def kind_name(kind: str) -> str:
    return KINDS.get(kind, kind.capitalize())
