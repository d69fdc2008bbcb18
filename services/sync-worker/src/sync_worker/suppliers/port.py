"""What every supplier can be asked, in our words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from shared.suppliers.vocabulary import OrderStatus


@dataclass(frozen=True, slots=True)
class BadItem:
    """Something of the supplier's that can not be used, and why. `id` None: it does not say which it is."""

    id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Product:
    """`price` in `currency`; `stock` None: the supplier says only whether there is any."""

    id: str
    sku: str
    title: str
    price: Decimal
    currency: str
    is_available: bool
    description: str | None = None
    stock: int | None = None
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductPage:
    """`next` None: it was the last one. `total`: how many products there are in all, if the supplier says."""

    products: Sequence[Product]
    bad: Sequence[BadItem]
    next: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class OrderState:
    """How one order stands at the supplier."""

    reference: str
    status: OrderStatus
    number: str | None = None
    tracking_numbers: tuple[str, ...] = ()
    tracking_url: str | None = None
    delivery_date: date | None = None


@dataclass(frozen=True, slots=True)
class OrderPage:
    orders: Sequence[OrderState]
    bad: Sequence[BadItem]
    next: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """`product` is the supplier's own id of it."""

    sku: str
    product: str
    quantity: int
    title: str | None
    price: Decimal


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a supplier is to send to whom. `number`, our order number, makes repeats one order."""

    number: str
    lines: tuple[Line, ...]
    email: str | None
    currency: str
    recipient: dict[str, str]


@dataclass(frozen=True, slots=True)
class Placed:
    """`existed_before`: the supplier had an order of this number already."""

    reference: str
    existed_before: bool = False


class Supplier(Protocol):
    """Any method may raise the errors of `shared.errors`."""

    @property
    def recognises_repeats(self) -> bool:
        """Whether placing the same number twice is one order there."""

    @property
    def can_find(self) -> bool:
        """Whether an order can be looked up by our number."""

    @property
    def most_references(self) -> int | None:
        """How many orders can be asked for at once; None: they can only be listed."""

    async def list_products(self, cursor: str | None) -> ProductPage:
        """One page of the catalogue; `cursor` None: the first."""

    async def place_order(self, purchase: Purchase) -> Placed:
        """Raises UnknownOutcome when it may have been placed: look it up by its number before repeating."""

    async def find_order(self, number: str) -> str | None:
        """The reference of the order with our number; None when the supplier has none."""

    async def get_orders(self, references: Sequence[str]) -> OrderPage:
        """These orders, at most `most_references`; those the supplier does not know are not among them."""

    @property
    def tells_changes(self) -> bool:
        """Whether it can leave out orders that have not changed."""

    async def list_orders(self, cursor: str | None, *, since: datetime | None) -> OrderPage:
        """One page of the orders there; `since`: of those that changed since then, if it `tells_changes`."""

    async def cancel(self, reference: str) -> None:
        """Returns when the supplier has cancelled it. Raises Rejected when it is too late."""
