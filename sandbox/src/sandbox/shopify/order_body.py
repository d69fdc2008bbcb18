"""Orders as webhooks carry them."""

from decimal import Decimal
from typing import Any

from sandbox.shopify.customer_body import address_body, embedded_customer, wire_time
from sandbox.shopify.entities import ZERO, Order, rounded, tax_of
from sandbox.shopify.line_body import line_body, tax_lines
from sandbox.shopify.markets import SHOP_CURRENCY
from sandbox.shopify.money import current_totals, original_totals, price_set
from sandbox.shopify.movement_body import fulfillment_body, refund_body

_PAID_OFF = frozenset({"paid", "partially_refunded", "refunded", "voided"})


def order_body(order: Order, *, shop_domain: str) -> dict[str, Any]:
    """Body of orders/create, orders/updated, orders/paid, orders/cancelled, orders/fulfilled …"""
    return {
        "id": order.id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order.id}",
        **_identity(order, shop_domain),
        **_state(order),
        **_prices(order),
        "customer": embedded_customer(order.customer) if order.customer else None,
        "billing_address": {**address_body(order.ship_to), "latitude": None, "longitude": None},
        "shipping_address": {**address_body(order.ship_to), "latitude": None, "longitude": None},
        "discount_codes": _discount_codes(order),
        "discount_applications": _discount_applications(order),
        "line_items": [line_body(order, line) for line in order.lines],
        "shipping_lines": [_shipping_line(order)],
        "fulfillments": [fulfillment_body(order, fulfillment) for fulfillment in order.fulfillments],
        "refunds": [refund_body(order, refund) for refund in order.refunds],
        "payment_terms": None,
        "returns": [],
        "line_item_groups": [],
    }


def _identity(order: Order, shop_domain: str) -> dict[str, Any]:
    return {
        "app_id": 580_111,
        "browser_ip": None,
        "buyer_accepts_marketing": order.id % 3 == 0,
        "cart_token": None,
        "checkout_token": order.token,
        "client_details": None,
        "confirmation_number": order.token[:9].upper(),
        "confirmed": True,
        "contact_email": order.email,
        "currency": SHOP_CURRENCY,
        "customer_locale": order.market.locale,
        "device_id": None,
        "email": order.email,
        "estimated_taxes": False,
        "landing_site": "/",
        "landing_site_ref": None,
        "location_id": None,
        "merchant_business_entity_id": None,
        "merchant_of_record_app_id": None,
        "name": order.name,
        "note": order.note,
        "note_attributes": [{"name": name, "value": value} for name, value in order.attributes],
        "number": order.number - 1000,
        "order_number": order.number,
        "order_status_url": f"https://{shop_domain}/orders/{order.token}",
        "payment_gateway_names": [order.gateway],
        "phone": order.phone,
        "po_number": None,
        "presentment_currency": order.market.currency,
        "reference": None,
        "referring_site": None,
        "source_identifier": None,
        "source_name": "web",
        "source_url": None,
        "tags": ", ".join(order.tags),
        "test": False,
        "token": order.token,
        "user_id": None,
    }


def _state(order: Order) -> dict[str, Any]:
    salt = order.id
    return {
        "cancel_reason": order.cancel_reason,
        "cancelled_at": wire_time(order.cancelled_at, salt) if order.cancelled_at else None,
        "closed_at": wire_time(order.closed_at, salt) if order.closed_at else None,
        "created_at": wire_time(order.created_at, salt),
        "financial_status": order.financial_status,
        "fulfillment_status": order.fulfillment_status,
        "processed_at": wire_time(order.created_at, salt + 1),
        "updated_at": wire_time(order.updated_at, salt + len(order.fulfillments) + len(order.refunds)),
    }


def _prices(order: Order) -> dict[str, Any]:
    original, current = original_totals(order), current_totals(order)
    outstanding = ZERO if order.financial_status in _PAID_OFF else current.total
    amounts = {
        "current_subtotal_price": current.subtotal,
        "current_total_discounts": current.discounts,
        "current_total_price": current.total,
        "current_total_tax": current.tax,
        "subtotal_price": original.subtotal,
        "total_discounts": original.discounts,
        "total_line_items_price": original.line_items,
        "total_price": original.total,
        "total_tax": original.tax,
    }
    only_sets = {
        "current_shipping_price_set": current.shipping,
        "total_shipping_price_set": original.shipping,
        "total_cash_rounding_payment_adjustment_set": ZERO,
        "total_cash_rounding_refund_adjustment_set": ZERO,
    }
    return {
        **{name: str(amount) for name, amount in amounts.items()},
        **{f"{name}_set": price_set(amount, order.market) for name, amount in amounts.items()},
        **{name: price_set(amount, order.market) for name, amount in only_sets.items()},
        "current_total_additional_fees_set": None,
        "current_total_duties_set": None,
        "original_total_additional_fees_set": None,
        "original_total_duties_set": None,
        "duties_included": False,
        "tax_exempt": False,
        "tax_lines": tax_lines(original.tax, order.market),
        "taxes_included": order.market.taxes_included,
        "total_outstanding": str(outstanding),
        "total_tip_received": "0.00",
        "total_weight": sum(line.variant.grams * line.quantity for line in order.lines),
    }


def _discount_codes(order: Order) -> list[dict[str, Any]]:
    if order.discount_code is None:
        return []
    amount = original_totals(order).discounts
    return [{"code": order.discount_code, "amount": str(amount), "type": "percentage"}]


def _discount_applications(order: Order) -> list[dict[str, Any]]:
    if order.discount_code is None:
        return []
    return [
        {
            "target_type": "line_item",
            "type": "discount_code",
            "value": str(Decimal(order.discount_percent).quantize(Decimal("0.1"))),
            "value_type": "percentage",
            "allocation_method": "across",
            "target_selection": "all",
            "code": order.discount_code,
        }
    ]


def _shipping_line(order: Order) -> dict[str, Any]:
    price = str(rounded(order.shipping_price))
    prices = price_set(order.shipping_price, order.market)
    return {
        "id": order.shipping_line_id,
        "carrier_identifier": None,
        "code": "STANDARD",
        "current_discounted_price_set": prices,
        "discounted_price": price,
        "discounted_price_set": prices,
        "is_removed": False,
        "phone": None,
        "price": price,
        "price_set": prices,
        "requested_fulfillment_service_id": None,
        "source": "shopify",
        "title": "Paket till ombud",
        "tax_lines": tax_lines(tax_of(order.shipping_price, order.market), order.market),
        "discount_allocations": [],
    }
