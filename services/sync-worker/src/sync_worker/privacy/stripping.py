"""Takes the person out of stored orders, refunds and parcels; what was bought and paid stays. Pure."""

from typing import Any

_PERSONAL = frozenset(
    {
        "customer", "billing_address", "shipping_address", "destination", "default_address", "addresses",
        "address", "email", "contact_email", "email_address", "phone", "mobile_phone", "first_name",
        "last_name", "company", "customer_locale", "note", "note_attributes", "tags", "client_details",
        "browser_ip", "landing_site", "referring_site", "tracking_number", "tracking_numbers", "tracking_url",
        "tracking_urls", "receipt", "gift_message",
    }
)  # fmt: skip


def stripped(data: Any) -> Any:
    """The same without fields that say who it was, at any depth."""
    if isinstance(data, dict):
        return {name: stripped(value) for name, value in data.items() if name not in _PERSONAL}
    if isinstance(data, list):
        return [stripped(item) for item in data]
    return data
