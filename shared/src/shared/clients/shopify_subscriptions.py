"""The app's webhook subscriptions at a shop."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.clients.shopify_admin import ShopAdmin, load_document

PAGE = 250
# Without one of these an order may come late or not at all; compliance topics need no subscription.
NEW_ORDERS = ("orders/create", "orders/updated")
_LIST = load_document(__file__, "webhook_subscriptions", cost=30)


@dataclass(frozen=True, slots=True)
class Subscription:
    """`topic` as the API spells it: ORDERS_UPDATED."""

    topic: str
    uri: str


def address_of(ingest_url: str) -> str:
    """Where a shop sends to, by the address at which shops reach the ingest."""
    return f"{ingest_url.rstrip('/')}/webhooks/shopify"


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
