"""Refunds as `refunds/create` carries them. Money may move without goods, and goods without money."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from sync_worker.shopify.fields import Items, Moment, Money, Quantity, ShopModel, SourceId, Text
from sync_worker.shopify.reading import read_exactly

NEVER_SENT = "cancel"
CAME_BACK = "return"
_COUNTS = frozenset({"success", "pending"})

Amount = Annotated[Money, Field(ge=0)]


class PriceInShop(ShopModel):
    """An amount in the shop's currency."""

    amount: Money = Decimal(0)


class PriceSet(ShopModel):
    shop_money: PriceInShop = PriceInShop()


Duties = Annotated[PriceSet | None, AfterValidator(lambda duties: duties if _is_some(duties) else None)]


class NamedLine(ShopModel):
    """The order's line as the refund repeats it."""

    title: Text = None
    name: Text = None
    sku: Text = None


class RefundLine(ShopModel):
    """Goods that came back. `subtotal` is after discounts; `total_tax` is inside or on top as in the order.

    `restock_type`: cancel (never sent), return (came back), no_restock and legacy_restock (either).
    """

    line_item_id: SourceId
    quantity: Quantity
    restock_type: Text = None
    subtotal: Amount = Decimal(0)
    total_tax: Amount = Decimal(0)
    line_item: NamedLine | None = None


class Transaction(ShopModel):
    """`currency` is what the buyer paid in, which need not be the shop's; often it is null."""

    kind: Text = None
    status: Text = None
    gateway: Text = None
    amount: Amount = Decimal(0)
    currency: Text = None

    @property
    def gives_back(self) -> bool:
        """One that is pending is on its way: the shop sends no webhook when it arrives."""
        return self.kind == "refund" and self.status in _COUNTS


class Adjustment(ShopModel):
    """shipping_refund: minus what was given back of the shipping. refund_discrepancy: goods minus money."""

    kind: Text = None
    amount: Money = Decimal(0)
    tax_amount: Money | None = None

    @property
    def total(self) -> Decimal:
        return self.amount + (self.tax_amount or 0)


class RefundedShipping(ShopModel):
    subtotal_amount_set: PriceSet | None = None
    tax_amount_set: PriceSet | None = None


class Refund(ShopModel):
    """Amounts are in the shop's currency but for the transactions'."""

    id: SourceId
    order_id: SourceId
    created_at: Moment
    processed_at: Moment | None = None
    refund_line_items: Items[RefundLine] = ()
    transactions: Items[Transaction] = ()
    order_adjustments: Items[Adjustment] = ()
    refund_shipping_lines: Items[RefundedShipping] = ()
    total_duties_set: Duties = None

    @property
    def moved_at(self) -> Moment:
        return self.processed_at or self.created_at

    @property
    def gateways(self) -> tuple[str, ...]:
        """Where the money went, in the order of the transactions."""
        names = (move.gateway for move in self.transactions if move.gives_back)
        return tuple(dict.fromkeys(name for name in names if name))


def _is_some(price: PriceSet | None) -> bool:
    """Webhooks tell that there were no duties as an amount of nothing, the Admin API not at all."""
    return price is not None and price.shop_money.amount != 0


def read_refund(body: bytes) -> Refund:
    """Shopify: `subtotal` and `total_tax` are JSON numbers. Raises Rejected naming what can not be used."""
    return read_exactly(Refund, body, what="refund")
