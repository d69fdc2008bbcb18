"""A paid order as a receipt. The CRM ignores a receipt whose unique id it knows, and never changes one."""

from decimal import Decimal
from typing import Any

from sync_worker.mapping.amounts import PricedLine, priced_lines
from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.rules import EngageRules
from sync_worker.shopify.orders import LineItem, Order

PAID = frozenset({"paid", "partially_refunded", "refunded"})
_PAYMENT_TYPES = {"shopify_payments": "CARD", "gift_card": "GIFTCARD", "manual": "OTHER", "bogus": "CARD"}


def unique_receipt_id(order: Order) -> str:
    """One receipt per order, due on payment. A receipt per shipment would add the fulfilment's id here."""
    return f"shopify-{order.id}"


def why_no_receipt(order: Order) -> str | None:
    """None: a receipt is due. An order that was paid and refunded since was still bought."""
    status = order.financial_status
    if status not in PAID:
        return f"the order is {status.replace('_', ' ')}" if status else "the order is not paid"
    return None if priced_lines(order, with_tips=False) else "the order has no goods"


def receipt_body(order: Order, match: ContactMatch, *, store_id: str, rules: EngageRules) -> dict[str, Any]:
    """States what was bought: without shipping and tips; what came back later is a receipt of its own."""
    lines = priced_lines(order, with_tips=False)
    total = sum((line.gross for line in lines), Decimal(0))
    body: dict[str, Any] = {
        "contact": match.body(rules.contact_type),
        "uniqueReceiptId": unique_receipt_id(order),
        "receiptNumber": order.number,
        "createdDate": (order.processed_at or order.created_at).isoformat(),
        "storeExternalId": store_id,
        "currency": order.currency,
        "totalGrossPrice": total,
        "paymentMethods": [{**_payment(order, rules), "value": total}],
        "items": [_item(line) for line in lines],
    }
    if rules.exchange_rate_to_group_currency is not None:
        body["exchangeRateToGroupCurrency"] = rules.exchange_rate_to_group_currency
    return body


def article_number(item: LineItem) -> str:
    """The SKU, or the best substitute for a line without one."""
    return item.sku or item.variant_id or item.product_id or item.id


def article_name(item: LineItem) -> str:
    return item.name or item.title or article_number(item)


def _item(line: PricedLine) -> dict[str, Any]:
    """A gift card earns nothing when it is bought: what it pays for will."""
    return {
        "type": "PURCHASE",
        "sku": article_number(line.item),
        "articleNumber": article_number(line.item),
        "articleName": article_name(line.item),
        "quantity": line.quantity,
        "grossPaidPrice": line.gross,
        "taxAmount": line.tax,
        "taxPercent": line.tax_percent,
        "awardsBonus": not line.item.gift_card,
    }


def _payment(order: Order, rules: EngageRules) -> dict[str, str]:
    """The order does not say how much each gateway took, so they are one payment."""
    gateways = [name for name in order.payment_gateway_names if name]
    first = gateways[0] if gateways else "other"
    kind = {**_PAYMENT_TYPES, **rules.payment_types}.get(first, first.upper().replace(" ", "_"))
    return {"type": kind or "OTHER", "description": ", ".join(gateways) or "Other"}
