"""Consent, tags and privacy as webhooks carry them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sandbox.shopify.customer_body import wire_time
from sandbox.shopify.entities import Consent, Customer
from sandbox.shopify.profile import Profile


def email_consent_body(customer: Customer) -> dict[str, Any]:
    """Body of customers_email_marketing_consent/update; the key is `customer_id`."""
    return {
        "customer_id": customer.id,
        "email_address": customer.email,
        "email_marketing_consent": _consent(customer.email_consent, customer.id),
    }


def sms_consent_body(customer: Customer) -> dict[str, Any]:
    """Body of customers_marketing_consent/update, which is about SMS in spite of its name."""
    return {
        "id": customer.id,
        "phone": customer.phone,
        "sms_marketing_consent": {
            **_consent(customer.sms_consent, customer.id),
            "consent_collected_from": customer.sms_consent.collected_from,
        },
    }


def _consent(consent: Consent, salt: int) -> dict[str, Any]:
    return {
        "state": consent.state,
        "opt_in_level": consent.opt_in_level,
        "consent_updated_at": wire_time(consent.updated_at, salt) if consent.updated_at else None,
    }


def tags_body(customer_id: int, tags: Sequence[str], now: datetime) -> dict[str, Any]:
    """Body of customer.tags_added and customer.tags_removed: the delta only, and another spelling."""
    return {
        "customerId": f"gid://shopify/Customer/{customer_id}",
        "tags": list(tags),
        "occurredAt": wire_time(now, customer_id),
    }


def privacy_body(
    topic: str, profile: Profile, customer: Customer | None, order_ids: Sequence[int]
) -> dict[str, Any]:
    """Body of one of the three compliance topics."""
    shop = {"shop_id": profile.id, "shop_domain": profile.domain}
    if topic == "shop/redact" or customer is None:
        return shop
    person = {"id": customer.id, "email": customer.email, "phone": customer.phone}
    if topic == "customers/redact":
        return {**shop, "customer": person, "orders_to_redact": list(order_ids)}
    request = {"id": customer.id % 1_000_000}
    return {**shop, "orders_requested": list(order_ids), "customer": person, "data_request": request}
