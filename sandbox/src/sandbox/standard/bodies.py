"""Orders and customers in plain shapes: ids are text, amounts are text in one currency, times are UTC."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.shopify.entities import Address, Customer, Line, Order, rounded
from sandbox.shopify.money import original_totals


def order_data(order: Order) -> dict[str, Any]:
    """`data` of the order's messages."""
    totals = original_totals(order)
    return {
        "id": str(order.id),
        "number": str(order.number),
        "created_at": _time(order.created_at),
        "updated_at": _time(order.updated_at),
        "cancelled_at": _time(order.cancelled_at),
        "currency": order.market.currency,
        "payment_status": order.financial_status,
        "fulfillment_status": order.fulfillment_status or "unfulfilled",
        "taxes_included": order.market.taxes_included,
        "subtotal": _amount(totals.subtotal, order),
        "shipping": _amount(totals.shipping, order),
        "discount": _amount(totals.discounts, order),
        "tax": _amount(totals.tax, order),
        "total": _amount(totals.total, order),
        "email": order.email,
        "phone": order.phone,
        "customer": customer_data(order.customer) if order.customer else None,
        "lines": [_line(line, order) for line in order.lines],
        "shipping_address": _address(order.ship_to),
    }


def customer_data(customer: Customer) -> dict[str, Any]:
    """`data` of the customer's messages."""
    return {
        "id": str(customer.id),
        "email": customer.email,
        "phone": customer.phone,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "created_at": _time(customer.created_at),
        "updated_at": _time(customer.updated_at),
        "address": _address(customer.address) if customer.address else None,
    }


def _line(line: Line, order: Order) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "sku": line.variant.sku,
        "title": line.variant.name,
        "quantity": line.quantity,
        "unit_price": _amount(line.variant.price, order),
        "discount": _amount(line.discount, order),
        "tax": _amount(line.tax, order),
        "total": _amount(line.paid, order),
    }


def _address(address: Address) -> dict[str, Any]:
    return {
        "first_name": address.first_name,
        "last_name": address.last_name,
        "address1": address.address1,
        "address2": address.address2,
        "zip": address.zip,
        "city": address.city,
        "country_code": address.country_code,
    }


def _amount(amount: Decimal, order: Order) -> str:
    return str(rounded(amount * order.market.rate))


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None
