"""Where shops and other senders have to send. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """Where one sender sends, and what has to be known about it."""

    sender: str
    url: str
    hint: str


_DOORS = (
    (
        "Shopify",
        "/webhooks/shopify",
        "The same for every shop; signed with the shop's secret below. Subscriptions are made by themselves.",
    ),
    ("CRM (Engage)", "/webhooks/engage/{shop}", "Signed with the webhook secret of its account."),
    ("WooCommerce", "/webhooks/woocommerce/{shop}", "Signed with the webhook secret of its account."),
    ("Standard Webhooks", "/webhooks/standard/{shop}", "Signed with the webhook secret of its account."),
    (
        "Shipping software",
        "/shipments/{shop}",
        "Signed with the webhook secret of its account, or with a token of the role operator.",
    ),
)


def addresses_of(ingest_url: str | None, domain: str) -> list[Address]:
    """For a shop; `ingest_url` None: paths alone."""
    begin = (ingest_url or "").rstrip("/")
    return [Address(sender, begin + path.replace("{shop}", domain), hint) for sender, path, hint in _DOORS]
