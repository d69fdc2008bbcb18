"""The shop itself: its name, currency and time zone, and the body that tells about it."""

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.shopify.customer_body import wire_time
from sandbox.shopify.markets import SHOP_CURRENCY


@dataclass(frozen=True)
class Profile:
    id: int
    domain: str
    created_at: datetime
    updated_at: datetime
    name: str = "Sandbox Outdoor"
    email: str = "butik@example.com"
    owner: str = "Tuva Nordgren"
    phone: str = "+46101234567"
    currency: str = SHOP_CURRENCY
    iana_timezone: str = "Europe/Stockholm"
    plan: str = "Shopify"

    @property
    def address(self) -> dict[str, str]:
        return {
            "address1": "Friggagatan 12",
            "zip": "411 01",
            "city": "Göteborg",
            "country_code": "SE",
            "country_name": "Sweden",
        }


def new_profile(domain: str, now: datetime) -> Profile:
    """The profile of a shop nobody has changed yet; its id follows from its domain."""
    return Profile(100_000 + zlib.crc32(domain.encode()), domain, created_at=now, updated_at=now)


def shop_body(profile: Profile) -> dict[str, Any]:
    """Body of shop/update and app/uninstalled."""
    return {
        "id": profile.id,
        "name": profile.name,
        "email": profile.email,
        "domain": profile.domain,
        "province": None,
        "country": "SE",
        **profile.address,
        "address2": None,
        "source": None,
        "phone": profile.phone,
        "latitude": None,
        "longitude": None,
        "primary_locale": "sv",
        "created_at": wire_time(profile.created_at),
        "updated_at": wire_time(profile.updated_at),
        "currency": profile.currency,
        "customer_email": profile.email,
        "timezone": f"(GMT+01:00) {profile.iana_timezone}",
        "iana_timezone": profile.iana_timezone,
        "shop_owner": profile.owner,
        "money_format": f"{{{{amount}}}} {profile.currency}",
        "money_with_currency_format": f"{{{{amount}}}} {profile.currency}",
        "weight_unit": "kg",
        "province_code": None,
        "taxes_included": True,
        "plan_display_name": profile.plan,
        "plan_name": profile.plan.lower(),
        "has_discounts": True,
        "has_gift_cards": True,
        "myshopify_domain": profile.domain,
        "password_enabled": False,
        "has_storefront": True,
        "setup_required": False,
    }
