"""A merchant's shop in tests: bodies as Shopify sends them, signed with the demo shop's secret."""

import base64
import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.acceptance.stack import Reachable


def sign(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


async def deliver(
    stack: Reachable,
    topic: str,
    body: bytes,
    *,
    webhook_id: str | None = None,
    shop: dict[str, str] | None = None,
) -> httpx.Response:
    """Posts one signed delivery to ingest; without a shop it is the demo shop's."""
    shop = shop or stack.facts["demo_shop"]
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": shop["domain"],
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": webhook_id or str(uuid.uuid4()),
        "X-Shopify-Triggered-At": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "X-Shopify-Hmac-Sha256": sign(body, shop["webhook_secret"]),
    }
    async with stack.ingest() as ingest:
        return await ingest.post("/webhooks/shopify", content=body, headers=headers)


def customer(customer_id: int, **changes: Any) -> bytes:
    content = {
        "id": customer_id,
        "admin_graphql_api_id": f"gid://shopify/Customer/{customer_id}",
        "email": f"kim.{customer_id}@example.com",
        "phone": None,
        "first_name": "Kim",
        "last_name": "Åberg",
        "state": "enabled",
        "note": None,
        "verified_email": True,
        "tax_exempt": False,
        "currency": "SEK",
        "created_at": "2026-11-01T09:00:00+01:00",
        "updated_at": datetime.now(UTC).isoformat(),
        "addresses": [],
        "tax_exemptions": [],
        "default_address": None,
    }
    return json.dumps(content | changes, ensure_ascii=False).encode()


def paid_order(order_id: int, **changes: Any) -> bytes:
    line = {
        "id": order_id + 1,
        "sku": "MUG-1",
        "title": "Mugg",
        "name": "Mugg",
        "quantity": 2,
        "current_quantity": 2,
        "fulfillable_quantity": 2,
        "price": "225.00",
        "total_discount": "0.00",
        "tax_lines": [{"title": "Moms", "price": "90.00", "rate": 0.25}],
        "discount_allocations": [],
        "gift_card": False,
        "requires_shipping": True,
        "taxable": True,
        "variant_id": 4401,
        "product_id": 3301,
    }
    content = {
        "id": order_id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order_id}",
        "name": f"#{order_id}",
        "order_number": order_id,
        "email": f"buyer.{order_id}@example.com",
        "phone": None,
        "created_at": "2026-11-20T17:10:00+01:00",
        "processed_at": "2026-11-20T17:10:00+01:00",
        "updated_at": datetime.now(UTC).isoformat(),
        "cancelled_at": None,
        "cancel_reason": None,
        "closed_at": None,
        "currency": "SEK",
        "financial_status": "paid",
        "fulfillment_status": None,
        "total_price": "499.00",
        "subtotal_price": "450.00",
        "total_tax": "99.80",
        "total_discounts": "0.00",
        "taxes_included": True,
        "test": False,
        "tags": "",
        "source_name": "web",
        "payment_gateway_names": ["shopify_payments"],
        "customer": None,
        "line_items": [line],
        "shipping_lines": [
            {"id": 71, "code": "STD", "title": "Standard", "price": "49.00", "discounted_price": "49.00"}
        ],
        "fulfillments": [],
        "refunds": [],
    }
    return json.dumps(content | changes, ensure_ascii=False).encode()
