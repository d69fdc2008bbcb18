"""Orders and customers as WooCommerce writes them: small ids, site time without an offset beside GMT."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.shopify.entities import Address, Customer, Line, Order, rounded, tax_of
from sandbox.shopify.money import original_totals

_SITE_TIME = ZoneInfo("Europe/Stockholm")
_STATUS = {"paid": "processing", "pending": "pending", "authorized": "on-hold", "refunded": "refunded"}


def status_of(order: Order) -> str:
    """WooCommerce has one status where Shopify has two."""
    if order.cancelled_at is not None:
        return "cancelled"
    if order.financial_status == "paid" and order.fulfillment_status == "fulfilled":
        return "completed"
    return _STATUS.get(order.financial_status, "processing")


def order_body(order: Order, *, order_id: int, customer_id: int) -> dict[str, Any]:
    """Body of order.created and order.updated; amounts are net of tax, as the REST API has them."""
    totals, status = original_totals(order), status_of(order)
    paid = status in ("processing", "completed", "refunded")
    return {
        "id": order_id,
        "parent_id": 0,
        "number": str(order_id),
        "order_key": f"wc_order_{order.token[:13]}",
        "created_via": "checkout",
        "version": "9.9.5",
        "status": status,
        "currency": order.market.currency,
        **_dates("created", order.created_at),
        **_dates("modified", order.updated_at),
        **_dates("paid", order.created_at if paid else None),
        **_dates("completed", order.updated_at if status == "completed" else None),
        "discount_total": _amount(totals.discounts, order),
        "shipping_total": _amount(totals.shipping, order),
        "cart_tax": _amount(totals.tax - tax_of(totals.shipping, order.market), order),
        "total": _amount(totals.total, order),
        "total_tax": _amount(totals.tax, order),
        "prices_include_tax": order.market.taxes_included,
        "customer_id": customer_id,
        "customer_note": order.note or "",
        "billing": {**_address(order.ship_to), "email": order.email or "", "phone": order.phone or ""},
        "shipping": _address(order.ship_to),
        "payment_method": order.gateway,
        "payment_method_title": order.gateway.title(),
        "transaction_id": order.token[:12] if paid else "",
        "meta_data": [],
        "line_items": [_line(line, order, number) for number, line in enumerate(order.lines, start=1)],
        "tax_lines": [],
        "shipping_lines": [_shipping(order, order_id)],
        "fee_lines": [],
        "coupon_lines": [{"code": order.discount_code}] if order.discount_code else [],
        "refunds": [_refund(order)] if order.refunds else [],
    }


def customer_body(customer: Customer, *, customer_id: int) -> dict[str, Any]:
    """Body of customer.created and customer.updated."""
    address = _address(customer.address) if customer.address else {}
    return {
        "id": customer_id,
        **_dates("created", customer.created_at),
        **_dates("modified", customer.updated_at),
        "email": customer.email or "",
        "first_name": customer.first_name or "",
        "last_name": customer.last_name,
        "role": "customer",
        "username": (customer.email or f"customer{customer_id}").partition("@")[0],
        "billing": {**address, "email": customer.email or "", "phone": customer.phone or ""},
        "shipping": address,
        "is_paying_customer": customer.orders > 0,
        "meta_data": [],
    }


def _dates(name: str, moment: datetime | None) -> dict[str, str | None]:
    """The site's own time without an offset, and GMT without one either."""
    local = moment.astimezone(_SITE_TIME).strftime("%Y-%m-%dT%H:%M:%S") if moment else None
    gmt = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if moment else None
    return {f"date_{name}": local, f"date_{name}_gmt": gmt}


def _amount(amount: Decimal, order: Order) -> str:
    return str(rounded(amount * order.market.rate))


def _line(line: Line, order: Order, number: int) -> dict[str, Any]:
    inside = line.tax if order.market.taxes_included else Decimal(0)
    gross_inside = tax_of(line.gross, order.market) if inside else Decimal(0)
    return {
        "id": line.id % 1_000_000,
        "name": line.variant.name,
        "product_id": line.variant.product_id % 100_000,
        "variation_id": 0 if line.variant.title is None else line.variant.id % 100_000,
        "quantity": line.quantity,
        "tax_class": "",
        "subtotal": _amount(line.gross - gross_inside, order),
        "subtotal_tax": _amount(tax_of(line.gross, order.market), order),
        "total": _amount(line.paid - inside, order),
        "total_tax": _amount(line.tax, order),
        "taxes": [],
        "meta_data": [],
        "sku": line.variant.sku or "",
        "price": float(rounded((line.paid - inside) * order.market.rate / line.quantity)),
        "position": number,
    }


def _shipping(order: Order, order_id: int) -> dict[str, Any]:
    tax = tax_of(order.shipping_price, order.market)
    return {
        "id": order_id * 10,
        "method_title": "Paket till ombud",
        "method_id": "flat_rate",
        "total": _amount(order.shipping_price - (tax if order.market.taxes_included else 0), order),
        "total_tax": _amount(tax, order),
    }


def _refund(order: Order) -> dict[str, Any]:
    return {
        "id": order.refunds[-1].id % 1_000_000,
        "reason": order.refunds[-1].note or "",
        "total": f"-{_amount(order.money_back, order)}",
    }


def _address(address: Address) -> dict[str, Any]:
    return {
        "first_name": address.first_name,
        "last_name": address.last_name,
        "company": address.company or "",
        "address_1": address.address1,
        "address_2": address.address2 or "",
        "city": address.city,
        "state": address.province_code or "",
        "postcode": address.zip,
        "country": address.country_code,
    }
