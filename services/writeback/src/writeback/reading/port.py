"""What is read from a shop or marketplace, whichever it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """`product_id`: the marketplace's own number of the product."""

    id: str
    sku: str | None
    title: str | None
    quantity: int
    product_id: str | None = None


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order without anything of its buyer. `number` is what people call it.

    `is_shippable`: the merchant ships it; not cancelled, not fulfilled by the marketplace.
    """

    id: str
    number: str
    status: str
    is_shippable: bool
    lines: tuple[OrderedLine, ...]
    ordered_at: datetime
    updated_at: datetime
    marketplace: str | None = None


@dataclass(frozen=True, slots=True)
class OrderPage:
    """`next`: where the following page is; None: this was the last."""

    orders: tuple[FoundOrder, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A product as it is offered. `data`: what else is worth keeping."""

    id: str
    sku: str | None
    title: str | None
    weight_grams: float | None
    image_url: str | None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListingPage:
    """`unknown`: how many products the page asked for and the marketplace does not know (any more)."""

    listings: tuple[Listing, ...]
    next: str | None
    unknown: int = 0


class OrderSource(Protocol):
    """Raises what `shared.errors` draws."""

    async def changed(self, since: datetime, after: str | None) -> OrderPage:
        """A page of the orders that changed since then; `after`: what the page before said is next."""
        ...


class ListingSource(Protocol):
    """Raises what `shared.errors` draws."""

    async def listed(self, after: str | None) -> ListingPage:
        """A page of all products; `after`: what the page before said is next."""
        ...
