"""The app's webhook subscriptions at a shop."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.clients.shopify_admin import ShopAdmin
from shared.errors import Rejected
from sync_worker.clients.documents import load_document

PAGE = 250
_LIST = load_document("webhook_subscriptions", cost=30)
# Shopify refuses a second subscription of the same topic to the same address.
_CREATE = load_document("webhook_subscription_create", cost=10, repeatable=True)
_TAKEN = "already been taken"


@dataclass(frozen=True, slots=True)
class Subscription:
    """`topic` as the API spells it: ORDERS_UPDATED."""

    topic: str
    uri: str


def enum_of(topic: str) -> str:
    """`customer.tags_added` as the API spells it: CUSTOMER_TAGS_ADDED."""
    return topic.upper().replace("/", "_").replace(".", "_")


def missing_topics(topics: Iterable[str], subscriptions: Iterable[Subscription], *, uri: str) -> list[str]:
    """Which topics are not sent to that address."""
    sent = {one.topic for one in subscriptions if one.uri.rstrip("/") == uri.rstrip("/")}
    return [topic for topic in topics if enum_of(topic) not in sent]


async def subscriptions(admin: ShopAdmin) -> list[Subscription]:
    """All there are."""
    found: list[Subscription] = []
    after: str | None = None
    while True:
        page = (await admin.call(_LIST, {"first": PAGE, "after": after}))["webhookSubscriptions"]
        found += [Subscription(node["topic"], node["uri"]) for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def subscribe(admin: ShopAdmin, topic: str, *, uri: str) -> None:
    """Has the topic sent to the address; it may be so already."""
    subscription = {"uri": uri, "format": "JSON"}
    try:
        await admin.call(_CREATE, {"topic": enum_of(topic), "subscription": subscription})
    except Rejected as error:
        if _TAKEN not in error.message:
            raise
