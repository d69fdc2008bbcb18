"""What an order costs: the sums Shopify spreads over its many price fields."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.shopify.entities import ZERO, Line, Order, rounded, tax_of
from sandbox.shopify.markets import SHOP_CURRENCY, Market


@dataclass(frozen=True)
class Totals:
    line_items: Decimal
    discounts: Decimal
    subtotal: Decimal
    shipping: Decimal
    tax: Decimal
    total: Decimal


def original_totals(order: Order) -> Totals:
    """As ordered."""
    return _totals(order, [line.quantity for line in order.lines], shipping=order.shipping_price)


def current_totals(order: Order) -> Totals:
    """After refunds; a cancelled order is worth nothing."""
    if order.cancelled_at is not None:
        return _totals(order, [0 for _ in order.lines], shipping=ZERO)
    kept = [line.quantity - line.refunded for line in order.lines]
    return _totals(order, kept, shipping=order.shipping_price)


def _totals(order: Order, quantities: list[int], *, shipping: Decimal) -> Totals:
    pairs = list(zip(order.lines, quantities, strict=True))
    gross = sum((line.variant.price * quantity for line, quantity in pairs), ZERO)
    discounts = sum((part_of(line.discount, line, quantity) for line, quantity in pairs), ZERO)
    tax = sum((part_of(line.tax, line, quantity) for line, quantity in pairs), tax_of(shipping, order.market))
    on_top = ZERO if order.market.taxes_included else tax
    subtotal = gross - discounts
    return Totals(gross, discounts, subtotal, shipping, tax, subtotal + shipping + on_top)


def part_of(amount: Decimal, line: Line, quantity: int) -> Decimal:
    """The share of a line's amount that `quantity` of its items carries."""
    return rounded(amount * quantity / line.quantity)


def refund_value(line: Line, quantity: int, market: Market) -> Decimal:
    """What the buyer gets back for these items."""
    paid = part_of(line.paid, line, quantity)
    return paid if market.taxes_included else paid + part_of(line.tax, line, quantity)


def price_set(amount: Decimal, market: Market) -> dict[str, Any]:
    """The amount in the shop's currency and as shown to the buyer."""
    shown = rounded(amount * market.rate)
    return {
        "shop_money": {"amount": str(rounded(amount)), "currency_code": SHOP_CURRENCY},
        "presentment_money": {"amount": str(shown), "currency_code": market.currency},
    }
