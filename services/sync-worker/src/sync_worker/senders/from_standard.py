"""Customers and orders of the generic shape in the words of the shop's own models. Pure."""

from typing import Any

from sync_worker.senders.naming import Sender, our_id
from sync_worker.senders.standard import Line, Place, StandardCustomer, StandardOrder
from sync_worker.shopify.customers import Customer
from sync_worker.shopify.orders import Order


def customer_of(customer: StandardCustomer, domain: str) -> Customer:
    return Customer.model_validate(_customer(customer, domain))


def order_of(order: StandardOrder, domain: str) -> Order:
    same = order.model_dump(
        include={"created_at", "updated_at", "cancelled_at", "currency", "total_tax", "email", "phone"}
    )
    is_shipped = order.fulfilment_status not in (None, "unfulfilled")
    fields = same | {
        "id": our_id(Sender.STANDARD, domain, order.id),
        "name": f"#{(order.number or order.id).lstrip('#')}",
        "processed_at": order.paid_at or order.created_at,
        "financial_status": order.payment_status,
        "fulfillment_status": order.fulfilment_status if is_shipped else None,
        "customer_locale": order.locale,
        "total_price": order.total,
        "taxes_included": order.prices_include_tax,
        "customer": _customer(order.customer, domain) if order.customer else None,
        "billing_address": _address(order.billing_address),
        "shipping_address": _address(order.shipping_address),
        "line_items": [_line(line, place) for place, line in enumerate(order.lines, start=1)],
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


def _line(line: Line, place: int) -> dict[str, Any]:
    """Lines have no ids of their own: their place is one, as long as the order keeps them."""
    return {
        "id": place,
        "name": line.name,
        "sku": line.sku,
        "quantity": line.quantity,
        "price": line.price,
        "total_discount": line.discount,
        "tax_lines": [{"price": line.tax, "rate": line.tax_rate}] if line.tax else [],
    }


def _shipping(order: StandardOrder) -> list[dict[str, Any]]:
    if order.shipping is None:
        return []
    return [{"price": order.shipping.price, "tax_lines": [{"price": order.shipping.tax}]}]


def _address(place: Place | None) -> dict[str, Any] | None:
    return place.model_dump() if place else None
