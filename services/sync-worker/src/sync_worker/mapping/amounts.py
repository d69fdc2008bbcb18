"""What the lines of an order cost, in whole units of its currency, tax included."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sync_worker.shopify.orders import Allocation, LineItem, Order, ShippingLine, TaxLine

_NO_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF"}
    | {"XOF", "XPF"}
)
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line as bought: `gross` and the `tax` inside it are totals of the line, after discounts."""

    item: LineItem
    quantity: int
    gross: Decimal
    tax: Decimal
    tax_percent: Decimal


def minor_unit(currency: str) -> Decimal:
    """The smallest amount of the currency (ISO 4217), e.g. 0.01."""
    if currency in _NO_DECIMALS:
        return Decimal(1)
    return Decimal("0.001") if currency in _THREE_DECIMALS else Decimal("0.01")


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Half up to the currency's decimals."""
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_UP)


def priced_lines(order: Order, *, with_tips: bool) -> list[PricedLine]:
    """The lines of which anything was bought. Tips are lines too, but nothing that was bought."""
    given_back = _given_back(order)
    items = (item for item in order.line_items if with_tips or not item.tip)
    lines = (_priced(item, order, given_back.get(item.id, 0)) for item in items)
    return [line for line in lines if line.quantity > 0]


def shipping_price(order: Order) -> Decimal:
    """Shipping with its tax, after discounts."""
    lines = [line for line in order.shipping_lines if not line.is_removed]
    return rounded(sum((_shipping_gross(line, order) for line in lines), Decimal(0)), order.currency)


def _priced(item: LineItem, order: Order, given_back: int) -> PricedLine:
    quantity = _bought(item, given_back)
    share = Decimal(quantity) / item.quantity if item.quantity else Decimal(0)
    paid = max(Decimal(0), item.price * quantity - _discount(item) * share)
    raw_tax = max(Decimal(0), _sum(item.tax_lines) * share)
    gross = rounded(paid if order.taxes_included else paid + raw_tax, order.currency)
    tax = min(gross, rounded(raw_tax, order.currency))
    slack = minor_unit(order.currency) * (quantity + 1)
    return PricedLine(item, quantity, gross, tax, _tax_percent(item.tax_lines, gross, tax, slack=slack))


def _bought(item: LineItem, given_back: int) -> int:
    """What is still there plus what was given back: a line edited out of the order was never bought."""
    if item.current_quantity is None:
        return item.quantity
    return min(item.quantity, item.current_quantity + given_back)


def _given_back(order: Order) -> dict[str, int]:
    totals: dict[str, int] = {}
    for refund in order.refunds:
        for line in refund.refund_line_items:
            totals[line.line_item_id] = totals.get(line.line_item_id, 0) + line.quantity
    return totals


def _discount(item: LineItem) -> Decimal:
    """Allocations hold every discount; `total_discount` only those made on the line itself."""
    if item.discount_allocations:
        return _allocated(item.discount_allocations)
    return item.total_discount or Decimal(0)


def _tax_percent(taxes: Iterable[TaxLine], gross: Decimal, tax: Decimal, *, slack: Decimal) -> Decimal:
    """The sum of the rates when it explains the tax, else what the amounts say (two decimals)."""
    if tax in (0, gross):
        return Decimal(0)
    rates = sum((line.rate for line in taxes if line.rate is not None), Decimal(0))
    if abs(gross - gross / (1 + rates) - tax) <= slack:
        return _plain((rates * 100).quantize(Decimal("0.0001")))
    return _plain((tax / (gross - tax) * 100).quantize(Decimal("0.01")))


def _shipping_gross(line: ShippingLine, order: Order) -> Decimal:
    paid = max(Decimal(0), line.price - _allocated(line.discount_allocations))
    return paid if order.taxes_included else paid + _sum(line.tax_lines)


def _allocated(allocations: Iterable[Allocation]) -> Decimal:
    return sum((allocation.amount for allocation in allocations), Decimal(0))


def _sum(taxes: Iterable[TaxLine]) -> Decimal:
    return sum((line.price for line in taxes), Decimal(0))


def _plain(number: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent."""
    return Decimal(format(number.normalize(), "f"))
