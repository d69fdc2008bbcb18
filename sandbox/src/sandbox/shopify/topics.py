"""The topics a shop can send, and which of them tell its story."""

LIVE_TOPICS = frozenset(
    {"customers/create", "customers/update"}
    | {"orders/create", "orders/updated", "orders/paid", "orders/cancelled"}
    | {"orders/fulfilled", "orders/partially_fulfilled"}
)
STORY_TOPICS = LIVE_TOPICS | frozenset(
    {"customers/delete", "customers/enable", "customers/disable"}
    | {"customers_email_marketing_consent/update", "customers_marketing_consent/update"}
    | {"customer.tags_added", "customer.tags_removed"}
    | {"orders/edited", "orders/delete", "fulfillments/create", "fulfillments/update"}
    | {"refunds/create", "shop/update"}
)
COMPLIANCE_TOPICS = frozenset({"customers/data_request", "customers/redact", "shop/redact"})
SUBSCRIBABLE_TOPICS = STORY_TOPICS | {"bulk_operations/finish", "app/uninstalled"}
ALL_TOPICS = SUBSCRIBABLE_TOPICS | COMPLIANCE_TOPICS


def enum_name(topic: str) -> str:
    """The GraphQL enum value of a topic: `orders/updated` is ORDERS_UPDATED."""
    return topic.replace("/", "_").replace(".", "_").upper()


TOPIC_OF_ENUM = {enum_name(topic): topic for topic in SUBSCRIBABLE_TOPICS}
