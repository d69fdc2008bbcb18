"""An order of the Admin API as `orders/updated` carries it. Pure."""

from decimal import Decimal
from typing import Any

from sync_worker.mapping.customer_node import customer_body
from sync_worker.mapping.nodes import (
    Node,
    address_body,
    lowered,
    number_of,
    optional_number,
    shop_amount,
    tax_bodies,
)

_FULFILMENT = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial", "RESTOCKED": "restocked"}
_TIP = "Tip"


def order_body(node: Node) -> dict[str, Any]:
    """Amounts in the shop's currency; refunds with the lines that came back, fulfilments left out."""
    return {
        "id": number_of(node["id"]),
        "admin_graphql_api_id": node["id"],
        "name": node["name"],
        "order_number": node["number"],
        "note": node["note"],
        "tags": ", ".join(node["tags"]),
        "test": node["test"],
        "source_name": node["sourceName"],
        "payment_gateway_names": node["paymentGatewayNames"],
        **_state(node),
        **_prices(node),
        **_buyer(node),
        "line_items": [_line(line) for line in node["lineItems"]["nodes"]],
        "shipping_lines": [_shipping_line(line) for line in node["shippingLines"]["nodes"]],
        "refunds": [_refund(refund) for refund in node["refunds"]],
    }


def _state(node: Node) -> dict[str, Any]:
    return {
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "processed_at": node["processedAt"],
        "cancelled_at": node["cancelledAt"],
        "cancel_reason": lowered(node["cancelReason"]),
        "closed_at": node["closedAt"],
        "financial_status": lowered(node["displayFinancialStatus"]),
        "fulfillment_status": _fulfilment_status(node),
    }


def _fulfilment_status(node: Node) -> str | None:
    """Webhooks know three words and nothing; what is on hold or in progress may have been sent in part."""
    displayed = node["displayFulfillmentStatus"]
    if displayed in _FULFILMENT:
        return _FULFILMENT[displayed]
    return "partial" if any(parcel["status"] == "SUCCESS" for parcel in node["fulfillments"]) else None


def _prices(node: Node) -> dict[str, Any]:
    return {
        "currency": node["currencyCode"],
        "presentment_currency": node["presentmentCurrencyCode"],
        "taxes_included": node["taxesIncluded"],
        "tax_exempt": node["taxExempt"],
        "total_price": shop_amount(node["totalPriceSet"]),
        "subtotal_price": shop_amount(node["subtotalPriceSet"]),
        "total_tax": shop_amount(node["totalTaxSet"]),
        "total_discounts": shop_amount(node["totalDiscountsSet"]),
        "current_total_price": shop_amount(node["currentTotalPriceSet"]),
    }


def _buyer(node: Node) -> dict[str, Any]:
    return {
        "email": node["email"],
        "contact_email": node["email"],
        "phone": node["phone"],
        "customer_locale": node["customerLocale"],
        "customer": customer_body(node["customer"]) if node["customer"] else None,
        "billing_address": address_body(node["billingAddress"]),
        "shipping_address": address_body(node["shippingAddress"]),
    }


def _line(line: Node) -> dict[str, Any]:
    return {
        "id": number_of(line["id"]),
        "sku": line["sku"],
        "name": line["name"],
        "title": line["title"],
        "variant_title": line["variantTitle"],
        "vendor": line["vendor"],
        "product_id": optional_number(line["product"]),
        "variant_id": optional_number(line["variant"]),
        "quantity": line["quantity"],
        "current_quantity": line["currentQuantity"],
        "fulfillable_quantity": line["unfulfilledQuantity"],
        "price": shop_amount(line["originalUnitPriceSet"]),
        "total_discount": shop_amount(line["totalDiscountSet"]),
        "discount_allocations": [
            {"amount": shop_amount(part["allocatedAmountSet"])} for part in line["discountAllocations"]
        ],
        "tax_lines": tax_bodies(line["taxLines"]),
        "gift_card": line["isGiftCard"],
        "requires_shipping": line["requiresShipping"],
        "taxable": line["taxable"],
        "tip": _is_tip(line) or None,
    }


def _is_tip(line: Node) -> bool:
    """The API marks tips by nothing but their title and that there is no product to them."""
    return line["title"] == _TIP and line["product"] is None and not line["requiresShipping"]


def _shipping_line(line: Node) -> dict[str, Any]:
    price, paid = shop_amount(line["originalPriceSet"]), shop_amount(line["discountedPriceSet"])
    discount = Decimal(price or 0) - Decimal(paid or 0)
    return {
        "id": number_of(line["id"]) if line["id"] else None,
        "title": line["title"],
        "code": line["code"],
        "price": price,
        "discount_allocations": [{"amount": format(discount, "f")}] if discount else [],
        "tax_lines": tax_bodies(line["taxLines"]),
    }


def _refund(refund: Node) -> dict[str, Any]:
    lines = refund["refundLineItems"]["nodes"]
    return {
        "id": number_of(refund["id"]),
        "created_at": refund["createdAt"],
        "refund_line_items": [
            {"line_item_id": number_of(line["lineItem"]["id"]), "quantity": line["quantity"]}
            for line in lines
        ],
    }
