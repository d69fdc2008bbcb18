"""Where shops and other senders have to send. Pure."""

from collections.abc import Mapping

PATHS: Mapping[str, str] = {
    "Shopify": "/webhooks/shopify",
    "Engage": "/webhooks/engage/{shop}",
    "WooCommerce": "/webhooks/woocommerce/{shop}",
    "Standard Webhooks": "/webhooks/standard/{shop}",
    "Shipping software": "/shipments/{shop}",
}


def addresses_of(ingest_url: str | None) -> dict[str, str]:
    """By sender, with `{shop}` where the shop's domain belongs. `ingest_url` None: paths alone."""
    return {sender: f"{(ingest_url or '').rstrip('/')}{path}" for sender, path in PATHS.items()}
