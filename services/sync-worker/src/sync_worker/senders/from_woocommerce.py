"""WooCommerce's customers and orders in the words of the shop's own models. Pure."""

from collections.abc import Mapping
from decimal import ROUND_UP, Decimal
from typing import Any

from sync_worker.senders.naming import Sender, our_id
from sync_worker.senders.woocommerce import Line, Place, Shipping, WooCustomer, WooOrder
from sync_worker.shopify.customers import Customer
from sync_worker.shopify.orders import Order

DRAFTS = frozenset({"checkout-draft", "auto-draft", "trash"})

_SMALLEST_PRICE = Decimal("0.000001")


def customer_of(customer: WooCustomer, domain: str) -> Customer:
    """What the account does not say of a person, the billing address may."""
    billing = customer.billing
    fields = {
        "id": our_id(Sender.WOOCOMMERCE, domain, customer.id),
        "updated_at": customer.date_modified_gmt or customer.date_created_gmt,
        "email": customer.email or billing.email,
        "phone": billing.phone,
        "first_name": customer.first_name or billing.first_name,
        "last_name": customer.last_name or billing.last_name,
        "default_address": _address(billing),
    }
    return Customer.model_validate(fields)


def order_of(order: WooOrder, domain: str) -> Order:
    rates = {rate.rate_id: rate.rate_percent for rate in order.tax_lines if rate.rate_percent is not None}
    fields = {
        "id": our_id(Sender.WOOCOMMERCE, domain, order.id),
        "name": f"#{order.number or order.id}",
        "email": order.billing.email,
        "phone": order.billing.phone,
        "created_at": order.date_created_gmt,
        "processed_at": order.date_paid_gmt or order.date_created_gmt,
        "updated_at": order.date_modified_gmt,
        "cancelled_at": _cancelled_at(order),
        "currency": order.currency,
        "financial_status": financial_status(order),
        "fulfillment_status": "fulfilled" if order.status == "completed" else None,
        "total_price": order.total,
        "total_tax": order.total_tax,
        "taxes_included": False,
        "customer": _buyer(order, domain),
        "billing_address": _address(order.billing),
        "shipping_address": _address(order.shipping),
        "line_items": [_line(line, rates) for line in order.line_items],
        "shipping_lines": [_shipping(line) for line in order.shipping_lines],
        "payment_gateway_names": [order.payment_method],
    }
    return Order.model_validate(fields)


def financial_status(order: WooOrder) -> str:
    """WooCommerce has one status for everything; that money came is told by when it did."""
    is_paid = order.date_paid_gmt is not None or order.status == "completed"
    if order.status == "refunded":
        return "refunded" if is_paid else "voided"
    if is_paid:
        return "partially_refunded" if order.refunds else "paid"
    return "voided" if order.status in ("failed", "cancelled") else "pending"


def _cancelled_at(order: WooOrder) -> Any:
    return (order.date_modified_gmt or order.date_created_gmt) if order.status == "cancelled" else None


def _buyer(order: WooOrder, domain: str) -> dict[str, Any] | None:
    """Nobody for a guest: then the order's own address says who it was."""
    if order.customer_id is None:
        return None
    billing = order.billing
    return {
        "id": our_id(Sender.WOOCOMMERCE, domain, order.customer_id),
        "email": billing.email,
        "phone": billing.phone,
        "first_name": billing.first_name,
        "last_name": billing.last_name,
        "default_address": _address(billing),
    }


def _line(line: Line, rates: Mapping[int | None, Decimal]) -> dict[str, Any]:
    """A price per piece and what was taken off, which together are exactly the line's total."""
    before = max(line.subtotal, line.total)
    price = (before / (line.quantity or 1)).quantize(_SMALLEST_PRICE, ROUND_UP)
    return {
        "id": line.id,
        "name": line.name,
        "sku": line.sku,
        "variant_id": line.variation_id,
        "product_id": line.product_id,
        "quantity": line.quantity,
        "price": price,
        "total_discount": price * line.quantity - line.total,
        "tax_lines": _taxes(line, rates),
    }


def _taxes(line: Line, rates: Mapping[int | None, Decimal]) -> list[dict[str, Any]]:
    if sum(tax.total for tax in line.taxes) != line.total_tax:
        return [{"price": line.total_tax}]
    taxes = [(tax.total, rates.get(tax.id)) for tax in line.taxes if tax.total]
    return [{"price": total, "rate": None if percent is None else percent / 100} for total, percent in taxes]


def _shipping(line: Shipping) -> dict[str, Any]:
    return {"price": line.total, "tax_lines": [{"price": line.total_tax}]}


def _address(place: Place) -> dict[str, Any]:
    return {
        "first_name": place.first_name,
        "last_name": place.last_name,
        "company": place.company,
        "address1": place.address_1,
        "address2": place.address_2,
        "zip": place.postcode,
        "city": place.city,
        "province": place.state,
        "country_code": place.country,
        "phone": place.phone,
    }
