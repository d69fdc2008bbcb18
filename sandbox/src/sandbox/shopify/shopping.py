"""What happens to orders: placed, paid, edited, cancelled. Each is a function from order to order."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from random import Random

from sandbox.shopify.catalogue import Variant
from sandbox.shopify.entities import ZERO, Customer, Line, Order, Refund, rounded
from sandbox.shopify.markets import MAIN_LOCATION, MARKETS, SECOND_LOCATION, Market
from sandbox.shopify.money import original_totals
from sandbox.shopify.numbers import Numbers
from sandbox.shopify.people import new_address, reachable_by
from sandbox.shopify.shipping import fulfillment_orders

_CODES = ((None, 0), (None, 0), (None, 0), ("VINTER15", 15), ("TACK10", 10))
_ONE_LOCATION = (MAIN_LOCATION,)
_TWO_LOCATIONS = (MAIN_LOCATION, SECOND_LOCATION)
_SPLIT_SHARE = 0.15


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
    lines = _lines(rng, numbers, market, stock=stock, percent=percent)
    locations = _TWO_LOCATIONS if len(lines) > 1 and rng.random() < _SPLIT_SHARE else _ONE_LOCATION
    return Order(
        id=numbers.resource_id(),
        number=numbers.order_number(),
        token=numbers.token(),
        market=market,
        customer=customer,
        email=email,
        phone=phone,
        ship_to=(customer.address if customer else None) or new_address(rng, market, name=name),
        lines=lines,
        shipping_line_id=numbers.resource_id(),
        shipping_price=Decimal(rng.choice(("0.00", "49.00", "79.50"))),
        discount_code=code,
        discount_percent=percent,
        gateway=rng.choice(("shopify_payments", "klarna", "swish")),
        created_at=now,
        updated_at=now,
        financial_status=rng.choice(("pending", "pending", "paid", "paid", "paid", "authorized")),
        tags=rng.choice(((), (), ("vip",), ("vip", "återkommande"))),
        fulfillment_orders=fulfillment_orders(lines, numbers, locations),
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


def edit(order: Order, variant: Variant, numbers: Numbers, now: datetime) -> Order:
    """The merchant adds one piece of a variant to an order that is not paid yet."""
    line = Line(numbers.resource_id(), variant, 1, ZERO, order.market)
    first, *others = order.fulfillment_orders
    extended = replace(first, lines=(*first.lines, (numbers.resource_id(), line.id)))
    return replace(
        order,
        lines=(*order.lines, line),
        fulfillment_orders=(extended, *others),
        edited=True,
        updated_at=now,
    )


def cancel(order: Order, rng: Random, numbers: Numbers, now: datetime) -> Order:
    """Nothing is sent any more; what was paid goes back."""
    reason = rng.choice(("customer", "inventory", "fraud", "declined", "other"))
    cancelled = replace(order, cancelled_at=now, closed_at=now, cancel_reason=reason, updated_at=now)
    if order.financial_status not in ("paid", "partially_refunded"):
        return replace(cancelled, financial_status="voided")
    refund = Refund(
        id=numbers.resource_id(),
        at=now,
        note="Retur",
        transaction_id=numbers.resource_id(),
        amount=original_totals(order).total - order.money_back,
        quantities=tuple((line.id, line.quantity - line.refunded) for line in order.lines),
    )
    return replace(cancelled, financial_status="refunded", refunds=(*order.refunds, refund))
