"""Customers and orders of the generic shape in the words of the shop's own models. Pure."""

from decimal import Decimal
from typing import Any

from sync_worker.senders.naming import Sender, our_id
from sync_worker.senders.standard import Line, Place, StandardCustomer, StandardOrder
from sync_worker.shopify.customers import Customer
from sync_worker.shopify.fields import is_whole_id
from sync_worker.shopify.orders import Order


def customer_of(customer: StandardCustomer, domain: str) -> Customer:
    return Customer.model_validate(_customer(customer, domain))


def order_of(order: StandardOrder, domain: str) -> Order:
    same = order.model_dump(
        include={
            *("created_at", "updated_at", "cancelled_at", "currency", "email", "phone"),
            "taxes_included",
        }
    )
    is_unshipped = order.fulfillment_status == "unfulfilled"
    fields = same | {
        "id": our_id(Sender.STANDARD, domain, order.id),
        "name": f"#{(order.number or order.id).lstrip('#')}",
        "processed_at": order.paid_at or order.created_at,
        "financial_status": order.payment_status,
        "fulfillment_status": None if is_unshipped else order.fulfillment_status,
        "customer_locale": order.locale,
        "total_price": order.total,
        "total_tax": order.tax,
        "customer": _customer(order.customer, domain) if order.customer else None,
        "billing_address": _address(order.billing_address),
        "shipping_address": _address(order.shipping_address),
        "line_items": [
            _line(line, line_id) for line_id, line in zip(line_ids(order), order.lines, strict=True)
        ],
        "shipping_lines": _shipping(order),
        "payment_gateway_names": order.payment_methods,
    }
    return Order.model_validate(fields)


def _customer(customer: StandardCustomer, domain: str) -> dict[str, Any]:
    same = customer.model_dump(include={"updated_at", "email", "phone", "first_name", "last_name"})
    return same | {
        "id": our_id(Sender.STANDARD, domain, customer.id),
        "default_address": _address(customer.address),
    }


def line_ids(order: StandardOrder) -> list[str]:
    """Whole numbers: the sender's own, or else the lines' places, which have to stay as they are."""
    given = [line.id or "" for line in order.lines]
    if all(is_whole_id(line_id) for line_id in given) and len(set(given)) == len(given):
        return given
    return [str(place) for place, _ in enumerate(given, start=1)]


def _line(line: Line, line_id: str) -> dict[str, Any]:
    return {
        "id": line_id,
        "name": line.title,
        "sku": line.sku,
        "quantity": line.quantity,
        "price": line.unit_price,
        "total_discount": line.discount,
        "tax_lines": [{"price": line.tax, "rate": line.tax_rate}] if line.tax else [],
    }


def _shipping(order: StandardOrder) -> list[dict[str, Any]]:
    """Tax that is on no line is the shipping's, if the sender does not say."""
    if order.shipping is None:
        return []
    on_lines = sum((line.tax for line in order.lines), Decimal(0))
    rest = max(Decimal(0), (order.tax or on_lines) - on_lines)
    tax = rest if order.shipping_tax is None else order.shipping_tax
    return [{"price": order.shipping, "tax_lines": [{"price": tax}]}]


def _address(place: Place | None) -> dict[str, Any] | None:
    return place.model_dump() if place else None
