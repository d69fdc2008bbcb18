"""Customers and orders of the shop; each change makes a new value."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from sandbox.shopify.catalogue import Variant
from sandbox.shopify.markets import Market

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Address:
    first_name: str
    last_name: str
    company: str | None
    address1: str
    address2: str | None
    city: str
    zip: str
    province: str | None
    province_code: str | None
    country: str
    country_code: str
    phone: str | None


@dataclass(frozen=True)
class Consent:
    """Whether the customer may be written to; `updated_at` moves with the state only."""

    state: str = "not_subscribed"
    opt_in_level: str | None = None
    updated_at: datetime | None = None
    collected_from: str | None = None


NO_CONSENT = Consent()


@dataclass(frozen=True)
class Metafield:
    id: int
    namespace: str
    key: str
    type: str
    value: str


@dataclass(frozen=True)
class Customer:
    id: int
    market: Market
    first_name: str | None
    last_name: str
    email: str | None
    phone: str | None
    address_id: int
    address: Address | None
    created_at: datetime
    updated_at: datetime
    state: str = "disabled"
    note: str | None = None
    verified_email: bool = True
    tax_exempt: bool = False
    orders: int = 0
    tags: tuple[str, ...] = ()
    email_consent: Consent = NO_CONSENT
    sms_consent: Consent = NO_CONSENT


@dataclass(frozen=True)
class Line:
    """`discount` is the line's part of a discount on the whole order."""

    id: int
    variant: Variant
    quantity: int
    discount: Decimal
    market: Market
    fulfilled: int = 0
    refunded: int = 0

    @property
    def gross(self) -> Decimal:
        return self.variant.price * self.quantity

    @property
    def paid(self) -> Decimal:
        return self.gross - self.discount

    @property
    def tax(self) -> Decimal:
        return ZERO if self.variant.is_gift_card else tax_of(self.paid, self.market)

    @property
    def open(self) -> int:
        return self.quantity - self.fulfilled - self.refunded


def tax_of(amount: Decimal, market: Market) -> Decimal:
    """The tax inside the amount where prices include it, else on top of it."""
    if market.taxes_included:
        return rounded(amount * market.tax_rate / (1 + market.tax_rate))
    return rounded(amount * market.tax_rate)


@dataclass(frozen=True)
class Tracking:
    company: str | None = None
    numbers: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fulfillment:
    """`quantities` are pairs of line id and number of items."""

    id: int
    number: int
    at: datetime
    updated_at: datetime
    location_id: int
    tracking: Tracking
    quantities: tuple[tuple[int, int], ...]
    status: str = "success"
    shipment_status: str | None = None


@dataclass(frozen=True)
class FulfillmentOrder:
    """What one location is to send; `lines` are pairs of its own line id and the order's line id."""

    id: int
    location_id: int
    lines: tuple[tuple[int, int], ...]
    on_hold: bool = False


@dataclass(frozen=True)
class Refund:
    """`amount` is the money, `quantities` the goods; either may be nothing."""

    id: int
    at: datetime
    note: str | None
    transaction_id: int
    amount: Decimal
    quantities: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Order:
    """`customer` is the customer as of the last change of the order; None for a guest."""

    id: int
    number: int
    token: str
    market: Market
    customer: Customer | None
    email: str | None
    phone: str | None
    ship_to: Address
    lines: tuple[Line, ...]
    shipping_line_id: int
    shipping_price: Decimal
    discount_code: str | None
    discount_percent: int
    gateway: str
    created_at: datetime
    updated_at: datetime
    financial_status: str
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    closed_at: datetime | None = None
    fulfillments: tuple[Fulfillment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    tags: tuple[str, ...] = ()
    note: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    metafields: tuple[Metafield, ...] = ()
    fulfillment_orders: tuple[FulfillmentOrder, ...] = ()
    edited: bool = False

    @property
    def name(self) -> str:
        return f"#{self.number}"

    @property
    def fulfillment_status(self) -> str | None:
        sent = any(fulfillment.status != "cancelled" for fulfillment in self.fulfillments)
        if all(line.open <= 0 for line in self.lines) and sent:
            return "fulfilled"
        return "partial" if sent else None

    @property
    def money_back(self) -> Decimal:
        return sum((refund.amount for refund in self.refunds), ZERO)

    @property
    def is_finished(self) -> bool:
        return self.cancelled_at is not None or self.financial_status in ("refunded", "voided")
