"""Buyers order: the control API's wishes become orders of a seller."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sandbox.answers import InvalidInput
from sandbox.ebay.orders import Line, Order
from sandbox.ebay.seller import Seller

_LINES = 10
_BUYERS = ("kim_aberg", "śnieżka77", "björk.o", "lynx-and-co")


class WishedLine(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sku: str
    quantity: int = Field(default=1, ge=1)


class Wish(BaseModel):
    """What is left out is made up. `count`: so many orders like this."""

    model_config = ConfigDict(extra="forbid")

    count: int = Field(default=1, ge=1, le=100_000)
    order_id: Annotated[str, Field(pattern=r"^\d{2}-\d{5}-\d{5}$")] | None = None
    lines: list[WishedLine] = Field(default=[], max_length=_LINES - 1)
    created_at: AwareDatetime | None = None


def place(seller: Seller, wish: Wish, *, at: datetime | None = None) -> list[Order]:
    """Raises InvalidInput for what the seller does not list."""
    if wish.order_id is not None and wish.count > 1:
        raise InvalidInput("an order id is for one order")
    return [_placed(seller, wish, wish.created_at or at or seller.now()) for _ in range(wish.count)]


def _placed(seller: Seller, wish: Wish, at: datetime) -> Order:
    number = len(seller.orders) + 1
    order_id = wish.order_id or f"{12 + number // 100_000}-{number % 100_000:05}-{number * 31 % 100_000:05}"
    skus = list(seller.items)
    wanted = wish.lines or [WishedLine(sku=skus[number % len(skus)], quantity=1 + number % 3)]
    lines = tuple(_line(seller, number, place, one) for place, one in enumerate(wanted, 1))
    order = Order(order_id, _BUYERS[number % len(_BUYERS)], lines, created_at=at, updated_at=at)
    seller.orders[order_id] = order
    return order


def _line(seller: Seller, number: int, place: int, wanted: WishedLine) -> Line:
    item = seller.items.get(wanted.sku)
    if item is None:
        raise InvalidInput(f"the seller has no {wanted.sku}")
    return Line(
        str(10_052_960_000_000 + number * _LINES + place), item.id, item.sku, item.title, wanted.quantity
    )
