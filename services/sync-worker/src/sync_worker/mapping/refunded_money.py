"""How the money of a refund divides into goods, shipping and the rest. Pure.

Only what went back for goods concerns a receipt: receipts of purchases hold goods only.
"""

from dataclasses import dataclass
from decimal import Decimal

from sync_worker.mapping.amounts import rounded
from sync_worker.mapping.shares import split
from sync_worker.shopify.orders import Order
from sync_worker.shopify.refunds import PriceSet, Refund, RefundLine

_SHIPPING = "shipping_refund"
_DISCREPANCY = "refund_discrepancy"


@dataclass(frozen=True, slots=True)
class LineMoney:
    """What the goods of one line had cost, with the `tax` inside it, and what went `back` for them."""

    line: RefundLine
    cost: Decimal
    tax: Decimal
    back: Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """`total` is all that went back: for `goods`, for `shipping`, and the `rest` (duties, goodwill).

    `cost`: what the goods that came back had cost.
    """

    total: Decimal
    cost: Decimal
    goods: Decimal
    shipping: Decimal
    lines: tuple[LineMoney, ...]

    @property
    def rest(self) -> Decimal:
        return self.total - self.goods - self.shipping


def refunded_money(order: Order, refund: Refund) -> Money:
    """In units of the order's currency. For goods never went back more than they cost.

    When it was less (a fee was kept, or part of it had gone back before), each line gets its part of it.
    """
    currency = order.currency
    costs = [_cost(line, order) for line in refund.refund_line_items]
    cost = sum(costs, Decimal(0))
    total = rounded(_went_back(order, refund, cost), currency)
    shipping = min(total, rounded(_shipping(refund), currency))
    duties = rounded(_amount(refund.total_duties_set), currency)
    goods = max(Decimal(0), min(cost, total - shipping - duties))
    shares = zip(refund.refund_line_items, costs, split(goods, costs, currency), strict=True)
    lines = (LineMoney(line, one, _tax(line, one, currency), back) for line, one, back in shares)
    return Money(total, cost, goods, shipping, tuple(lines))


def _tax(line: RefundLine, cost: Decimal, currency: str) -> Decimal:
    return min(cost, rounded(line.total_tax, currency))


def _cost(line: RefundLine, order: Order) -> Decimal:
    """What the goods cost, with tax."""
    on_top = Decimal(0) if order.taxes_included else line.total_tax
    return rounded(line.subtotal + on_top, order.currency)


def _went_back(order: Order, refund: Refund, cost: Decimal) -> Decimal:
    """By the transactions; when the buyer paid in another currency, by the shop's own books."""
    moves = [move for move in refund.transactions if move.gives_back]
    if all(move.currency in (None, order.currency) for move in moves):
        return sum((move.amount for move in moves), Decimal(0))
    kept = (adj.total for adj in refund.order_adjustments if adj.kind == _DISCREPANCY)
    return max(Decimal(0), cost + _shipping(refund) - sum(kept, Decimal(0)))


def _shipping(refund: Refund) -> Decimal:
    """Told as adjustments (negative) by older versions of the shop's API, as lines by newer ones, or both."""
    adjusted = (-adj.total for adj in refund.order_adjustments if adj.kind == _SHIPPING)
    lines = (
        _amount(line.subtotal_amount_set) + _amount(line.tax_amount_set)
        for line in refund.refund_shipping_lines
    )
    return max(Decimal(0), sum(adjusted, Decimal(0)), sum(lines, Decimal(0)))


def _amount(price: PriceSet | None) -> Decimal:
    return price.shop_money.amount if price else Decimal(0)
