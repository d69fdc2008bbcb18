"""Buyers order: the control API's wishes become orders of a seller."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sandbox.amazon.catalogue import Product
from sandbox.amazon.orders import By, Item, Order, Status
from sandbox.amazon.seller import Seller
from sandbox.answers import InvalidInput

_LINES = 10


class WishedItem(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sku: str
    quantity: int = Field(default=1, ge=1)


class Wish(BaseModel):
    """What is left out is made up. `count`: so many orders like this."""

    model_config = ConfigDict(extra="forbid")

    count: int = Field(default=1, ge=1, le=100_000)
    order_id: Annotated[str, Field(pattern=r"^\d{3}-\d{7}-\d{7}$")] | None = None
    seller_order_id: str | None = None
    marketplace_id: str | None = None
    items: list[WishedItem] = Field(default=[], max_length=_LINES - 1)
    fulfilled_by: By = By.MERCHANT
    status: Status = Status.UNSHIPPED
    created_at: AwareDatetime | None = None


def place(seller: Seller, wish: Wish, *, at: datetime | None = None) -> list[Order]:
    """Raises InvalidInput for products the seller does not have."""
    if wish.order_id is not None and wish.count > 1:
        raise InvalidInput("an order id is for one order")
    return [_placed(seller, wish, wish.created_at or at or seller.now()) for _ in range(wish.count)]


def _placed(seller: Seller, wish: Wish, at: datetime) -> Order:
    number = len(seller.orders) + 1
    order_id = wish.order_id or f"{701 + number // 10_000_000}-{number:07}-{number * 31 % 10_000_000:07}"
    skus = list(seller.products)
    wanted = wish.items or [WishedItem(sku=skus[number % len(skus)], quantity=1 + number % 3)]
    items = [_item(seller, number, line, one) for line, one in enumerate(wanted, 1)]
    order = Order(
        id=order_id,
        marketplace_id=wish.marketplace_id or seller.terms.marketplace_ids[0],
        items=tuple(items),
        created_at=at,
        updated_at=at,
        fulfilled_by=wish.fulfilled_by,
        status=wish.status,
        seller_order_id=wish.seller_order_id,
    )
    seller.orders[order_id] = order
    return order


def _item(seller: Seller, number: int, line: int, wanted: WishedItem) -> Item:
    product: Product | None = seller.products.get(wanted.sku)
    if product is None:
        raise InvalidInput(f"the seller has no {wanted.sku}")
    item_id = str(79_000_000_000_000 + number * _LINES + line)
    return Item(item_id, product.sku, product.asin, product.title, wanted.quantity)
