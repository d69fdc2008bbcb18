"""Fulfilments and refunds as webhooks and orders carry them."""

from decimal import Decimal
from typing import Any

from sandbox.shopify.customer_body import address_body, wire_time
from sandbox.shopify.entities import ZERO, Fulfillment, Line, Order, Refund
from sandbox.shopify.line_body import plain_line_body
from sandbox.shopify.markets import MAIN_LOCATION, SHOP_CURRENCY
from sandbox.shopify.money import part_of, price_set, refund_value


def fulfillment_body(order: Order, fulfillment: Fulfillment) -> dict[str, Any]:
    """Body of fulfillments/create and fulfillments/update; tracking comes in the singular and the plural."""
    tracking = fulfillment.tracking
    return {
        "id": fulfillment.id,
        "order_id": order.id,
        "status": fulfillment.status,
        "created_at": wire_time(fulfillment.at, order.id),
        "service": "manual",
        "updated_at": wire_time(fulfillment.updated_at, order.id + 2),
        "tracking_company": tracking.company,
        "shipment_status": fulfillment.shipment_status,
        "location_id": fulfillment.location_id,
        "origin_address": None,
        "email": order.email,
        "destination": {**address_body(order.ship_to), "latitude": None, "longitude": None},
        "line_items": [
            {**plain_line_body(order, line), "quantity": quantity}
            for line, quantity in _moved(order, fulfillment.quantities)
        ],
        "tracking_number": tracking.numbers[0] if tracking.numbers else None,
        "tracking_numbers": list(tracking.numbers),
        "tracking_url": tracking.urls[0] if tracking.urls else None,
        "tracking_urls": list(tracking.urls),
        "receipt": {},
        "name": f"{order.name}.{fulfillment.number}",
        "admin_graphql_api_id": f"gid://shopify/Fulfillment/{fulfillment.id}",
    }


def refund_body(order: Order, refund: Refund) -> dict[str, Any]:
    """Body of refunds/create; `subtotal` and `total_tax` of its lines are JSON numbers."""
    return {
        "id": refund.id,
        "order_id": order.id,
        "created_at": wire_time(refund.at, order.id),
        "note": refund.note,
        "user_id": None,
        "processed_at": wire_time(refund.at, order.id),
        "duties": [],
        "total_duties_set": price_set(ZERO, order.market),
        "return": None,
        "restock": bool(refund.quantities),
        "refund_shipping_lines": [],
        "admin_graphql_api_id": f"gid://shopify/Refund/{refund.id}",
        "order_adjustments": _adjustments(order, refund),
        "refund_line_items": [
            _refund_line(order, refund, line, quantity) for line, quantity in _moved(order, refund.quantities)
        ],
        "transactions": [_transaction(order, refund)] if refund.amount else [],
    }


def _moved(order: Order, quantities: tuple[tuple[int, int], ...]) -> list[tuple[Line, int]]:
    lines = {line.id: line for line in order.lines}
    return [(lines[line_id], quantity) for line_id, quantity in quantities]


def discrepancy(order: Order, refund: Refund) -> Decimal:
    """What the goods are worth beyond the money that went back; negative for money without goods."""
    worth = sum((refund_value(line, n, order.market) for line, n in _moved(order, refund.quantities)), ZERO)
    return worth - refund.amount


def _adjustments(order: Order, refund: Refund) -> list[dict[str, Any]]:
    """How the books balance where money and goods do not match; a cancelled order's shipping is no matter."""
    amount = discrepancy(order, refund)
    if amount == 0 or order.cancelled_at is not None:
        return []
    return [
        {
            "id": refund.id + 900,
            "order_id": order.id,
            "refund_id": refund.id,
            "amount": str(amount),
            "amount_set": price_set(amount, order.market),
            "tax_amount": "0.00",
            "tax_amount_set": price_set(ZERO, order.market),
            "kind": "refund_discrepancy",
            "reason": "Refund discrepancy",
        }
    ]


def _refund_line(order: Order, refund: Refund, line: Line, quantity: int) -> dict[str, Any]:
    subtotal, tax = part_of(line.paid, line, quantity), part_of(line.tax, line, quantity)
    return {
        "id": refund.id + order.lines.index(line) + 1,
        "quantity": quantity,
        "line_item_id": line.id,
        "location_id": MAIN_LOCATION,
        "restock_type": "return" if line.fulfilled else "cancel",
        "subtotal": _number(subtotal),
        "total_tax": _number(tax),
        "subtotal_set": price_set(subtotal, order.market),
        "total_tax_set": price_set(tax, order.market),
        "line_item": plain_line_body(order, line),
    }


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _transaction(order: Order, refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.transaction_id,
        "order_id": order.id,
        "kind": "refund",
        "gateway": order.gateway,
        "status": "success",
        "message": "Refunded",
        "created_at": wire_time(refund.at, order.id),
        "test": False,
        "authorization": None,
        "location_id": None,
        "user_id": None,
        "parent_id": None,
        "processed_at": wire_time(refund.at, order.id),
        "device_id": None,
        "error_code": None,
        "source_name": "web",
        "receipt": {},
        "amount": str(refund.amount),
        "currency": SHOP_CURRENCY,
        "payment_id": f"{order.name}.{len(order.refunds)}",
        "manual_payment_gateway": False,
        "amount_rounding": None,
        "admin_graphql_api_id": f"gid://shopify/OrderTransaction/{refund.transaction_id}",
    }
