"""Bodies as other senders than Shopify make them."""

from typing import Any

_PLACE = {
    "first_name": "Kim",
    "last_name": "Åberg",
    "company": "",
    "address_1": "Storgatan 1",
    "address_2": "",
    "city": "Malmö",
    "state": "",
    "postcode": "211 34",
    "country": "SE",
}


def woo_customer(**changes: Any) -> dict[str, Any]:
    return {
        "id": 12,
        "date_created_gmt": "2026-11-01T08:00:00",
        "date_modified_gmt": "2026-11-20T16:15:47",
        "email": "kim@example.com",
        "first_name": "",
        "last_name": "",
        "role": "customer",
        "username": "kim",
        "billing": {**_PLACE, "email": "kim@example.com", "phone": "+46 70 000 00 00"},
        "shipping": {**_PLACE, "phone": ""},
        "meta_data": [],
        **changes,
    }


def woo_order(**changes: Any) -> dict[str, Any]:
    return {
        "id": 727,
        "parent_id": 0,
        "number": "727",
        "status": "processing",
        "currency": "SEK",
        "date_created": "2026-11-20T17:10:00",
        "date_created_gmt": "2026-11-20T16:10:00",
        "date_modified_gmt": "2026-11-20T16:15:47",
        "date_paid_gmt": "2026-11-20T16:11:00",
        "discount_total": "0.00",
        "total": "549.00",
        "total_tax": "109.80",
        "prices_include_tax": True,
        "customer_id": 12,
        "billing": {**_PLACE, "email": "kim@example.com", "phone": "+46 70 000 00 00"},
        "shipping": {**_PLACE, "phone": ""},
        "payment_method": "stripe",
        "payment_method_title": "Card",
        "line_items": [
            {
                "id": 315,
                "name": "Mug",
                "product_id": 93,
                "variation_id": 0,
                "quantity": 2,
                "subtotal": "400.00",
                "subtotal_tax": "100.00",
                "total": "400.00",
                "total_tax": "100.00",
                "taxes": [{"id": 1, "total": "100", "subtotal": "100"}],
                "sku": "MUG-1",
                "price": 200,
            }
        ],
        "tax_lines": [{"id": 317, "rate_id": 1, "rate_percent": 25, "tax_total": "100.00"}],
        "shipping_lines": [{"id": 318, "method_title": "Post", "total": "39.20", "total_tax": "9.80"}],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
        **changes,
    }


def standard_customer(**changes: Any) -> dict[str, Any]:
    return {
        "id": "C-9",
        "updated_at": "2026-11-20T16:15:47Z",
        "email": "kim@example.com",
        "phone": "+46700000000",
        "first_name": "Kim",
        "last_name": "Åberg",
        "address": {"address1": "Storgatan 1", "zip": "211 34", "city": "Malmö", "country_code": "SE"},
        **changes,
    }


def standard_order(**changes: Any) -> dict[str, Any]:
    return {
        "id": "A-17",
        "created_at": "2026-11-20T16:10:00Z",
        "updated_at": "2026-11-20T16:15:47Z",
        "currency": "SEK",
        "total": "499.00",
        "tax": "99.80",
        "payment_status": "paid",
        "fulfillment_status": "unfulfilled",
        "email": "kim@example.com",
        "customer": standard_customer(),
        "lines": [
            {
                "sku": "MUG-1",
                "title": "Mug",
                "quantity": 2,
                "unit_price": "225.00",
                "tax": "90.00",
                "tax_rate": "0.25",
            }
        ],
        "shipping": "49.00",
        "shipping_tax": "9.80",
        "payment_methods": ["card"],
        **changes,
    }
