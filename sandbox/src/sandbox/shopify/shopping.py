"""What happens to orders: placed, paid, sent, cancelled, refunded. Each is a function from order to order."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from random import Random

from sandbox.shopify.catalogue import Variant
from sandbox.shopify.entities import ZERO, Customer, Fulfillment, Line, Order, Refund, rounded
from sandbox.shopify.markets import MARKETS, Market
from sandbox.shopify.money import original_totals, refund_value
from sandbox.shopify.numbers import Numbers
from sandbox.shopify.people import new_address, reachable_by

_CODES = ((None, 0), (None, 0), (None, 0), ("VINTER15", 15), ("TACK10", 10))
_CARRIERS = ("PostNord", "DHL", "Budbee", "Instabox")


def place_order(
    customer: Customer | None, stock: tuple[Variant, ...], rng: Random, numbers: Numbers, now: datetime
) -> Order:
    """A new order, paid at once (mostly) or pending; without a customer it is a guest's."""
    market = customer.market if customer else rng.choice(MARKETS)
    name = (rng.choice(market.first_names), rng.choice(market.last_names))
    email, phone = (
        (customer.email, customer.phone) if customer else reachable_by(rng, numbers, market, name=name)
    )
    code, percent = rng.choice(_CODES)
    return Order(
        id=numbers.resource_id(),
        number=numbers.order_number(),
        token=numbers.token(),
        market=market,
        customer=customer,
        email=email,
        phone=phone,
        ship_to=(customer.address if customer else None) or new_address(rng, market, name=name),
        lines=_lines(rng, numbers, market, stock=stock, percent=percent),
        shipping_line_id=numbers.resource_id(),
        shipping_price=Decimal(rng.choice(("0.00", "49.00", "79.50"))),
        discount_code=code,
        discount_percent=percent,
        gateway=rng.choice(("shopify_payments", "klarna", "swish")),
        created_at=now,
        updated_at=now,
        financial_status=rng.choice(("pending", "pending", "paid", "paid", "paid", "authorized")),
        tags=rng.choice(((), (), ("vip",), ("vip", "återkommande"))),
    )


def _lines(
    rng: Random, numbers: Numbers, market: Market, *, stock: tuple[Variant, ...], percent: int
) -> tuple[Line, ...]:
    chosen = rng.sample(stock, rng.choice((1, 1, 2, 2, 3)))
    return tuple(_line(variant, rng, numbers, market, percent=percent) for variant in chosen)


def _line(variant: Variant, rng: Random, numbers: Numbers, market: Market, *, percent: int) -> Line:
    quantity = rng.choice((1, 1, 1, 2, 3))
    discount = rounded(variant.price * quantity * percent / 100)
    return Line(numbers.resource_id(), variant, quantity, discount, market)


def pay(order: Order, now: datetime) -> Order:
    return replace(order, financial_status="paid", updated_at=now)


def ship(order: Order, rng: Random, numbers: Numbers, now: datetime, *, partly: bool) -> Order:
    """Send all that is open, or only a part of it."""
    waiting = [line for line in order.lines if line.open > 0]
    sent = {line.id: line.open for line in waiting}
    if partly:
        sent = {waiting[0].id: 1}
    fulfillment = Fulfillment(
        id=numbers.resource_id(),
        number=len(order.fulfillments) + 1,
        at=now,
        company=rng.choice(_CARRIERS),
        tracking_number=f"SB{numbers.digits(9)}SE",
        quantities=tuple(sent.items()),
    )
    lines = tuple(replace(line, fulfilled=line.fulfilled + sent.get(line.id, 0)) for line in order.lines)
    shipped = replace(order, lines=lines, fulfillments=(*order.fulfillments, fulfillment), updated_at=now)
    return replace(shipped, closed_at=now) if shipped.fulfillment_status == "fulfilled" else shipped


def can_ship_partly(order: Order) -> bool:
    return sum(max(line.open, 0) for line in order.lines) > 1


def cancel(order: Order, rng: Random, numbers: Numbers, now: datetime) -> Order:
    """Nothing is sent any more; what was paid goes back."""
    reason = rng.choice(("customer", "inventory", "fraud", "declined", "other"))
    cancelled = replace(order, cancelled_at=now, closed_at=now, cancel_reason=reason, updated_at=now)
    if order.financial_status != "paid":
        return replace(cancelled, financial_status="voided")
    amount = original_totals(order).total
    rest = tuple((line.id, line.quantity) for line in order.lines)
    return replace(cancelled, financial_status="refunded", refunds=(_refund(numbers, now, amount, rest),))


def refund_items(order: Order, rng: Random, numbers: Numbers, now: datetime) -> Order:
    """One item of one line comes back; the last one makes the order refunded."""
    line = rng.choice([line for line in order.lines if line.refunded < line.quantity])
    amount = refund_value(line, 1, order.market)
    refund = _refund(numbers, now, amount, ((line.id, 1),))
    lines = tuple(replace(kept, refunded=kept.refunded + (kept.id == line.id)) for kept in order.lines)
    complete = all(kept.refunded == kept.quantity for kept in lines)
    status = "refunded" if complete else "partially_refunded"
    return replace(
        order, lines=lines, refunds=(*order.refunds, refund), financial_status=status, updated_at=now
    )


def _refund(
    numbers: Numbers, now: datetime, amount: Decimal, quantities: tuple[tuple[int, int], ...]
) -> Refund:
    return Refund(numbers.resource_id(), now, "Retur", numbers.resource_id(), max(amount, ZERO), quantities)
