"""Orders and listings of a marketplace as they are kept, and how its pages are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class OrderLine:
    """`id` as the marketplace calls the line when a shipment is reported, `product_id` its item number."""

    id: str
    sku: str | None
    title: str | None
    quantity: int
    product_id: str | None = None


@dataclass(frozen=True, slots=True)
class MarketplaceOrder:
    """Nothing of the buyer. `status` is the marketplace's own word, `marketplace` its id where an account has
    several. `is_shippable`: the merchant ships it: not cancelled, not fulfilled by the marketplace."""

    id: str
    number: str
    status: str
    is_shippable: bool
    lines: tuple[OrderLine, ...]
    ordered_at: datetime
    updated_at: datetime
    marketplace: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What is for sale. `id` is the marketplace's item number, or the seller's own where sellers share one;
    `data` whatever else is worth knowing."""

    id: str
    sku: str | None
    title: str | None
    weight_grams: float | None
    image_url: str | None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry of a page that can not be used, and why."""

    id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """`next` is the cursor of the page that follows; None: this was the last."""

    orders: tuple[MarketplaceOrder, ...]
    next: str | None
    unreadable: tuple[Unreadable, ...] = ()
    total: int | None = None


@dataclass(frozen=True, slots=True)
class ListingPage:
    """`next` is the cursor of the page that follows; None: this was the last."""

    listings: tuple[Listing, ...]
    next: str | None
    unreadable: tuple[Unreadable, ...] = ()
    total: int | None = None


class Marketplace(Protocol):
    """Reads one account's marketplace. Raises what `shared.errors` draws.

    Cursors hold all a page needs, so that any worker can go on. What changes while pages are read may come
    twice, or only with the next reading.
    """

    async def orders(self, *, since: datetime, cursor: str | None) -> OrderPage:
        """Orders changed since then; `since` is not looked at when there is a cursor."""
        ...

    async def listings(self, *, cursor: str | None) -> ListingPage:
        """All that is for sale."""
        ...
