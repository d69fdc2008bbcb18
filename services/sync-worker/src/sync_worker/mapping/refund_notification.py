"""A refund as the CRM's order notification, which may mail the customer."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.receipt import article_name, article_number
from sync_worker.mapping.refunded_money import LineMoney, Money, refunded_money
from sync_worker.mapping.rules import EngageRules
from sync_worker.shopify.orders import LineItem, Order
from sync_worker.shopify.refunds import Refund, RefundLine

NO_MONEY = "Nothing was sent: no money went back"
_NO_GOODS = {"sku": "REFUND", "description": "Refund"}


def refund_status(order: Order, refunds: Iterable[Refund]) -> str:
    """`refunds`: all that are known of the order. The order itself may be an older state than they are."""
    back = sum((refunded_money(order, refund).total for refund in refunds), Decimal(0))
    is_all = order.financial_status == "refunded" or back >= order.total_price
    return "Refunded" if is_all else "PartiallyRefunded"


def why_no_refund_notification(order: Order, refund: Refund) -> str | None:
    """None: there is something to tell."""
    return None if refunded_money(order, refund).total else NO_MONEY


def refund_body(
    order: Order, refund: Refund, status: str, *, match: ContactMatch, rules: EngageRules
) -> dict[str, Any]:
    """All amounts add up to what went back; the total is negative. The caller adds the store.

    Engage: returned items have a negative quantity and a positive price. Money without goods is one item
    named Refund, because a notification must have one.
    """
    money = refunded_money(order, refund)
    return {
        "contact": match.body(rules.contact_type),
        "orderNumber": order.number,
        "orderStatus": rules.order_statuses.get(status, status),
        "paymentStatus": rules.payment_statuses.get(status, status),
        "createdDate": order.created_at.isoformat(),
        "statusChangedDate": refund.moved_at.isoformat(),
        "currency": order.currency,
        "totalGrossPrice": -money.total,
        **_contents(order, money),
    }


def _contents(order: Order, money: Money) -> dict[str, Any]:
    items = [_item(order, one) for one in money.lines if one.line.quantity]
    if not items:
        return {"items": [{**_return(1, money.total), **_NO_GOODS}]}
    fees = {"freightFee": money.shipping, "handlingFee": money.rest}
    return {"items": items, **{name: {"value": -amount} for name, amount in fees.items() if amount}}


def _item(order: Order, money: LineMoney) -> dict[str, Any]:
    item = next((item for item in order.line_items if item.id == money.line.line_item_id), None)
    return {**_return(money.line.quantity, money.back), **_article(item, money.line)}


def _return(quantity: int, gross: Decimal) -> dict[str, Any]:
    return {"type": "Return", "quantity": -quantity, "grossPaidPrice": gross}


def _article(item: LineItem | None, line: RefundLine) -> dict[str, str]:
    """As the order names it, else as the refund does."""
    if item is not None:
        return {"sku": article_number(item), "description": article_name(item)}
    named = line.line_item
    sku = (named and named.sku) or line.line_item_id
    return {"sku": sku, "description": (named and (named.name or named.title)) or sku}
