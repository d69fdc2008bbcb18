"""An order's status as the CRM's order notification, which may mail the customer."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sync_worker.mapping.amounts import PricedLine, minor_unit, priced_lines, rounded, shipping_price
from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.receipt import article_name, article_number
from sync_worker.mapping.rules import EngageRules
from sync_worker.shopify.fields import is_foreign
from sync_worker.shopify.orders import Order

_FULFILMENT = {"fulfilled": "Shipped", "partial": "PartiallyShipped", "restocked": "Returned"}
_PAYMENT = {
    "pending": "Pending",
    "authorized": "Authorized",
    "partially_paid": "PartiallyPaid",
    "paid": "Paid",
    "partially_refunded": "PartiallyRefunded",
    "refunded": "Refunded",
    "voided": "Voided",
    "expired": "Expired",
}
_CREATED, _CANCELLED = "Created", "Cancelled"
_BEFORE_MONEY_WENT_BACK = {"PartiallyRefunded": "Paid", "Refunded": "Paid"}


@dataclass(frozen=True, slots=True)
class OrderState:
    """Where an order stands, in our own words; an account may call them otherwise."""

    order_status: str
    payment_status: str


def order_state(order: Order) -> OrderState:
    """Statuses the shop may invent later count as not shipped yet, or as an unknown payment."""
    shipped = _FULFILMENT.get(order.fulfillment_status or "", _CREATED)
    return OrderState(
        _CANCELLED if order.cancelled_at else shipped, _PAYMENT.get(order.financial_status or "", "Unknown")
    )


def told_state(order: Order) -> OrderState:
    """What the order itself tells, so that a customer is mailed once of each thing.

    Shopify tells of parcels and refunds by themselves, and each has a notification of its own. Other senders
    tell of them with the order only.
    """
    state = order_state(order)
    if is_foreign(order.id):
        return state
    payment = _BEFORE_MONEY_WENT_BACK.get(state.payment_status, state.payment_status)
    return OrderState(_CANCELLED if order.cancelled_at else _CREATED, payment)


def is_old_news(order: Order, connected_at: datetime) -> bool:
    """Whether the last news is from before the CRM was connected, or told with parcels and refunds."""
    if order.cancelled_at:
        return order.cancelled_at < connected_at
    return order.created_at < connected_at and told_state(order) != order_state(order)


def why_no_notification(order: Order) -> str | None:
    """None: there is something to tell."""
    return None if priced_lines(order, with_tips=True) else "Nothing was sent: the order has no lines"


def notification_body(
    order: Order, match: ContactMatch, *, store_id: str, rules: EngageRules
) -> dict[str, Any]:
    """All amounts add up to the order's total, as the CRM demands."""
    lines = priced_lines(order, with_tips=True)
    state = told_state(order)
    body: dict[str, Any] = {
        "contact": match.body(rules.contact_type),
        "orderNumber": order.number,
        "orderStatus": rules.order_statuses.get(state.order_status, state.order_status),
        "paymentStatus": rules.payment_statuses.get(state.payment_status, state.payment_status),
        "createdDate": order.created_at.isoformat(),
        "storeId": store_id,
        "currency": order.currency,
        "items": [_item(line) for line in lines],
        **_totals(order, lines),
    }
    if order.updated_at:
        body["statusChangedDate"] = order.updated_at.isoformat()
    return body


def _item(line: PricedLine) -> dict[str, Any]:
    return {
        "type": "Purchase",
        "sku": article_number(line.item),
        "quantity": line.quantity,
        "grossPaidPrice": line.gross,
        "description": article_name(line.item),
    }


def _totals(order: Order, lines: list[PricedLine]) -> dict[str, Any]:
    """What lines and shipping do not explain is a fee (duties), or a rounding when small or negative."""
    total, freight = rounded(order.total_price, order.currency), shipping_price(order)
    rest = total - freight - sum((line.gross for line in lines), Decimal(0))
    totals: dict[str, Any] = {"totalGrossPrice": total}
    if order.total_tax is not None:
        totals["totalTax"] = rounded(order.total_tax, order.currency)
    if freight:
        totals["freightFee"] = {"value": freight}
    if rest > minor_unit(order.currency) * (len(lines) + 1):
        totals["handlingFee"] = {"value": rest}
    elif rest:
        totals["totalRoundOff"] = {"value": rest}
    return totals
