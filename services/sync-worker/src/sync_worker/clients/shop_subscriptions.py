"""Has a shop send its webhooks here."""

from shared.clients.shopify_admin import ShopAdmin
from shared.clients.shopify_subscriptions import enum_of
from shared.errors import Rejected
from sync_worker.clients.documents import load_document

# Shopify refuses a second subscription of the same topic to the same address.
_CREATE = load_document("webhook_subscription_create", cost=10, repeatable=True)
_TAKEN = "already been taken"


async def subscribe(admin: ShopAdmin, topic: str, *, uri: str) -> None:
    """Has the topic sent to the address; it may be so already."""
    subscription = {"uri": uri, "format": "JSON"}
    try:
        await admin.call(_CREATE, {"topic": enum_of(topic), "subscription": subscription})
    except Rejected as error:
        if _TAKEN not in error.message:
            raise
