"""What was bought as a receipt. The CRM ignores a receipt whose unique id it knows, and never changes one."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sync_worker.mapping.amounts import PricedLine, priced_lines
from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.rules import EngageRules
from sync_worker.mapping.shares import part
from sync_worker.mapping.stated import Balance, Draft, Kind, Lines, Receipt, StatedLine, balances
from sync_worker.shopify.fields import is_foreign
from sync_worker.shopify.orders import LineItem, Order

PAID = frozenset({"paid", "partially_refunded", "refunded"})
_PAYMENT_TYPES = {"shopify_payments": "CARD", "gift_card": "GIFTCARD", "manual": "OTHER", "bogus": "CARD"}
_STATES_PURCHASES = (Kind.PURCHASE, Kind.REVERSAL)


def unique_receipt_id(order: Order) -> str:
    """Of the receipt for the whole order, due on payment. Ids of other senders name their sender already."""
    return order.id if is_foreign(order.id) else f"shopify-{order.id}"


def why_no_receipt(order: Order) -> str | None:
    """None: a receipt is due. An order that was paid and refunded since was still bought."""
    status = order.financial_status
    if status not in PAID:
        return f"the order is {status.replace('_', ' ')}" if status else "the order is not paid"
    return None if priced_lines(order, with_tips=False) else "the order has no goods"


def order_draft(order: Order) -> Draft:
    """The receipt of everything that was bought."""
    return Draft(
        unique_receipt_id(order),
        Kind.PURCHASE,
        order.processed_at or order.created_at,
        lambda receipts: bought_lines(order, receipts),
    )


def bought_lines(
    order: Order, receipts: Iterable[Receipt], *, wanted: Mapping[str, int] | None = None
) -> Lines:
    """What a further receipt states, without shipping and tips; what came back is a receipt of its own.

    `wanted`: how many of which line, None for all. Nothing is stated twice, and once everything is, the
    receipts add up to what the order's goods cost, in whatever order they were made.
    """
    stated = balances(receipt for receipt in receipts if receipt.kind in _STATES_PURCHASES)
    lines = []
    for line in priced_lines(order, with_tips=False):
        before = stated.get(line.item.id)
        limit = line.quantity if wanted is None else wanted.get(line.item.id, 0)
        quantity = min(limit, line.quantity - (before.quantity if before else 0))
        if quantity > 0:
            lines.append(_next_share(line, quantity, before, order.currency))
    return tuple(lines)


def receipt_body(
    order: Order, receipt: Receipt, *, match: ContactMatch, store_id: str, rules: EngageRules
) -> dict[str, Any]:
    """Engage: a return has a negative quantity and total, and line totals that are positive all the same."""
    body: dict[str, Any] = {
        "contact": match.body(rules.contact_type),
        "uniqueReceiptId": receipt.id,
        "receiptNumber": order.number,
        "createdDate": receipt.created_at.isoformat(),
        "storeExternalId": store_id,
        "currency": order.currency,
        "totalGrossPrice": receipt.total,
        "paymentMethods": [{**_payment(order, rules), "value": receipt.total}],
        "items": [_item(line) for line in receipt.lines],
    }
    if rules.exchange_rate_to_group_currency is not None:
        body["exchangeRateToGroupCurrency"] = rules.exchange_rate_to_group_currency
    return body


def article_number(item: LineItem) -> str:
    """The SKU, or the best substitute for a line without one."""
    return item.sku or item.variant_id or item.product_id or item.id


def article_name(item: LineItem) -> str:
    return item.name or item.title or article_number(item)


def _next_share(line: PricedLine, quantity: int, before: Balance | None, currency: str) -> StatedLine:
    """Where all items so far should be, minus where they are. A gift card earns no bonus when bought."""
    reached = quantity + (before.quantity if before else 0)
    gross = part(line.gross, reached, line.quantity, currency) - (before.gross if before else 0)
    tax = part(line.tax, reached, line.quantity, currency) - (before.tax if before else 0)
    share = max(Decimal(0), gross)
    return StatedLine(
        line_id=line.item.id,
        sku=article_number(line.item),
        name=article_name(line.item),
        quantity=quantity,
        gross=share,
        tax=min(share, max(Decimal(0), tax)),
        tax_percent=line.tax_percent,
        awards_bonus=not line.item.gift_card,
    )


def _item(line: StatedLine) -> dict[str, Any]:
    return {
        "type": "RETURN" if line.quantity < 0 else "PURCHASE",
        "sku": line.sku,
        "articleNumber": line.sku,
        "articleName": line.name,
        "quantity": line.quantity,
        "grossPaidPrice": line.gross,
        "taxAmount": line.tax,
        "taxPercent": line.tax_percent,
        "awardsBonus": line.awards_bonus,
    }


def _payment(order: Order, rules: EngageRules) -> dict[str, str]:
    """The order does not say how much each gateway took, so they are one payment."""
    gateways = [name for name in order.payment_gateway_names if name]
    first = gateways[0] if gateways else "other"
    kind = {**_PAYMENT_TYPES, **rules.payment_types}.get(first, first.upper().replace(" ", "_"))
    return {"type": kind or "OTHER", "description": ", ".join(gateways) or "Other"}
