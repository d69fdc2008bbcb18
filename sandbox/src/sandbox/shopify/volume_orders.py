"""Orders of a past of any size."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from sandbox.mixing import Draw, mixed
from sandbox.shopify.catalogue import Variant
from sandbox.shopify.entities import (
    ZERO,
    Customer,
    Fulfillment,
    FulfillmentOrder,
    Line,
    Order,
    Refund,
    Tracking,
)
from sandbox.shopify.markets import MAIN_LOCATION, MARKETS, Market
from sandbox.shopify.money import refund_value
from sandbox.shopify.refunding import refunded
from sandbox.shopify.volume import ORDER_NUMBERS_FROM, Numbering, VolumeOrder, mailbox_of
from sandbox.shopify.volume_people import GUEST_AT, GUEST_EVERY, PastCustomers, past_address

_BASE = 6_000_000_000_000
_LINE_BASE = 14_000_000_000_000
_FULFILLMENT_ORDER_BASE = 7_000_000_000_000
_ASSIGNED_LINE_BASE = 24_000_000_000_000
_FULFILLMENT_BASE = 4_000_000_000_000
_SECOND_FULFILLMENT_BASE = 5_000_000_000_000
_REFUND_BASE = 3_000_000_000_000
_TRANSACTION_BASE = 2_000_000_000_000
_LINES_APART = 100
_SALT = 7_919
_SHIPPING = (Decimal("0.00"), Decimal("49.00"), Decimal("79.50"))
_STATES = (*["paid"] * 9, "pending")


@dataclass(frozen=True)
class PastOrders:
    order: VolumeOrder
    stock: tuple[Variant, ...]
    customers: PastCustomers

    @cached_property
    def numbering(self) -> Numbering:
        span = timedelta(days=self.order.span_days)
        return Numbering(_BASE, self.order.orders, self.order.newest, span)

    def __len__(self) -> int:
        return self.order.orders

    def index_of(self, resource_id: int) -> int | None:
        return self.numbering.index_of(resource_id)

    def id_by_fulfillment_order(self, number: int) -> int | None:
        index = number - _FULFILLMENT_ORDER_BASE
        return self.numbering.id_of(index) if 0 <= index < len(self) else None

    def id_by_fulfillment(self, number: int) -> int | None:
        is_second = number >= _SECOND_FULFILLMENT_BASE
        index = number - (_SECOND_FULFILLMENT_BASE if is_second else _FULFILLMENT_BASE)
        return self.numbering.id_of(index) if 0 <= index < len(self) else None

    def id_by_refund(self, number: int) -> int | None:
        index = number - _REFUND_BASE
        return self.numbering.id_of(index) if 0 <= index < len(self) else None

    def at(self, index: int) -> Order:
        draw = Draw(self.order.seed + _SALT, index)
        changed, customer = self.numbering.moment(index), self._customer(index)
        market: Market = customer.market if customer else draw.one_of(MARKETS)
        name = (draw.one_of(market.first_names), draw.one_of(market.last_names))
        status, sent = draw.one_of(_STATES), draw.below(10) < 8
        sent = sent and status == "paid"
        lines = self._lines(index, market, sent=sent)
        email = customer.email if customer else f"{mailbox_of(*name)}.g{index}@example.com"
        order = Order(
            id=self.numbering.id_of(index),
            number=ORDER_NUMBERS_FROM + index,
            token=f"{mixed(self.order.seed, index):032x}",
            market=market,
            customer=customer,
            email=email,
            phone=customer.phone if customer else None,
            ship_to=(customer.address if customer else None) or past_address(draw, market, name),
            lines=lines,
            shipping_line_id=_LINE_BASE + index * _LINES_APART + _LINES_APART - 1,
            shipping_price=draw.one_of(_SHIPPING),
            discount_code=None,
            discount_percent=0,
            gateway=draw.one_of(("shopify_payments", "klarna", "swish")),
            created_at=changed - timedelta(hours=30),
            updated_at=changed,
            financial_status=status,
            closed_at=changed if sent else None,
            fulfillments=self._parcels(index, lines, changed) if sent else (),
            fulfillment_orders=(_waiting(index, lines),),
        )
        is_refunded = status == "paid" and _strikes(self.order.refund_every, index)
        return refunded(order, _money_back(index, order)) if is_refunded else order

    def _parcels(self, index: int, lines: tuple[Line, ...], at: datetime) -> tuple[Fulfillment, ...]:
        """All in one, or the first item in a parcel of its own."""
        whole = tuple((line.id, line.quantity) for line in lines)
        if not _strikes(self.order.split_every, index) or sum(quantity for _, quantity in whole) == 1:
            return (_sent(index, 1, whole, at),)
        rest = tuple((number, quantity - (number == lines[0].id)) for number, quantity in whole)
        first = _sent(index, 1, ((lines[0].id, 1),), at)
        return (first, _sent(index, 2, tuple(pair for pair in rest if pair[1]), at))

    def _customer(self, index: int) -> Customer | None:
        if not len(self.customers) or index % GUEST_EVERY == GUEST_AT:
            return None
        return self.customers.at(index % len(self.customers))

    def _lines(self, index: int, market: Market, *, sent: bool) -> tuple[Line, ...]:
        draw = Draw(self.order.seed + 2 * _SALT, index)
        first = draw.below(len(self.stock))
        return tuple(
            Line(
                id=_LINE_BASE + index * _LINES_APART + place,
                variant=self.stock[(first + place) % len(self.stock)],
                quantity=(quantity := 1 + (first + place) % 3),
                discount=ZERO,
                market=market,
                fulfilled=quantity if sent else 0,
            )
            for place in range(self.order.lines_per_order)
        )


def _strikes(every: int, index: int) -> bool:
    return every > 0 and index % every == 0


def _money_back(index: int, order: Order) -> Refund:
    """One item came back a moment ago, with its money."""
    line = order.lines[0]
    return Refund(
        id=_REFUND_BASE + index,
        at=order.updated_at,
        note="Retur",
        transaction_id=_TRANSACTION_BASE + index,
        amount=refund_value(line, 1, order.market),
        quantities=((line.id, 1),),
    )


def _sent(index: int, place: int, quantities: tuple[tuple[int, int], ...], at: datetime) -> Fulfillment:
    number = f"SV{index:09}{place}SE"
    return Fulfillment(
        id=(_FULFILLMENT_BASE if place == 1 else _SECOND_FULFILLMENT_BASE) + index,
        number=place,
        at=at,
        updated_at=at,
        location_id=MAIN_LOCATION,
        tracking=Tracking("PostNord", (number,), (f"https://tracking.example/{number}",)),
        quantities=quantities,
    )


def _waiting(index: int, lines: tuple[Line, ...]) -> FulfillmentOrder:
    assigned = ((_ASSIGNED_LINE_BASE + line.id - _LINE_BASE, line.id) for line in lines)
    return FulfillmentOrder(_FULFILLMENT_ORDER_BASE + index, MAIN_LOCATION, tuple(assigned))
