"""Line items as orders, fulfilments and refunds carry them."""

from decimal import Decimal
from typing import Any

from sandbox.shopify.entities import ZERO, Line, Order
from sandbox.shopify.markets import Market
from sandbox.shopify.money import price_set


def line_body(order: Order, line: Line) -> dict[str, Any]:
    """A line of the order, with what is still to fulfil and what refunds left of it."""
    cancelled = order.cancelled_at is not None
    return {
        **plain_line_body(order, line),
        "attributed_staffs": [],
        "current_quantity": 0 if cancelled else line.quantity - line.refunded,
        "fulfillable_quantity": 0 if cancelled else max(line.open, 0),
        "sales_line_item_group_id": None,
    }


def plain_line_body(order: Order, line: Line) -> dict[str, Any]:
    """The fields every mention of a line has; `total_discount` leaves out discounts on the whole order."""
    variant = line.variant
    return {
        "id": line.id,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{line.id}",
        "fulfillable_quantity": max(line.open, 0),
        "fulfillment_service": "manual",
        "fulfillment_status": _status(line),
        "gift_card": variant.is_gift_card,
        "grams": variant.grams,
        "name": variant.name,
        "price": str(variant.price),
        "price_set": price_set(variant.price, order.market),
        "product_exists": True,
        "product_id": variant.product_id,
        "properties": [],
        "quantity": line.quantity,
        "requires_shipping": not variant.is_gift_card,
        "sku": variant.sku,
        "taxable": not variant.is_gift_card,
        "title": variant.product_title,
        "total_discount": "0.00",
        "total_discount_set": price_set(ZERO, order.market),
        "variant_id": variant.id,
        "variant_inventory_management": "shopify",
        "variant_title": variant.title,
        "vendor": variant.vendor,
        "tax_lines": [] if variant.is_gift_card else tax_lines(line.tax, order.market),
        "duties": [],
        "discount_allocations": _allocations(order, line),
    }


def tax_lines(amount: Decimal, market: Market) -> list[dict[str, Any]]:
    return [
        {
            "channel_liable": False,
            "price": str(amount),
            "price_set": price_set(amount, market),
            "rate": float(market.tax_rate),
            "title": market.tax_title,
        }
    ]


def _allocations(order: Order, line: Line) -> list[dict[str, Any]]:
    if line.discount == 0:
        return []
    amount_set = price_set(line.discount, order.market)
    return [{"amount": str(line.discount), "amount_set": amount_set, "discount_application_index": 0}]


def _status(line: Line) -> str | None:
    if line.fulfilled == 0:
        return None
    return "partial" if line.open > 0 else "fulfilled"
