"""Shopify's webhooks: which headers mean what, and which task a topic causes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from ingest.content import fields_of, id_of, moment, short_text, storable, wanted_fields
from ingest.delivery import Delivery, EntityIds
from ingest.signatures import body_signer
from ingest.sources.source import Claim, Head, Identity, MissingHeader
from shared.tasks import TaskType

SOURCE = "shopify"

_CUSTOMER_ACTIONS = ("create", "update", "delete", "enable", "disable")
_CONSENT_AND_TAGS = (
    "customers_email_marketing_consent/update", "customers_marketing_consent/update",
    "customer.tags_added", "customer.tags_removed",
)  # fmt: skip
_ORDER_ACTIONS = (
    "create", "updated", "paid", "cancelled", "fulfilled", "partially_fulfilled", "edited", "delete",
)  # fmt: skip
TASK_TYPES: Mapping[str, TaskType] = {
    **{f"customers/{action}": TaskType.CUSTOMER_WEBHOOK for action in _CUSTOMER_ACTIONS},
    **dict.fromkeys(_CONSENT_AND_TAGS, TaskType.CUSTOMER_WEBHOOK),
    **{f"orders/{action}": TaskType.ORDER_WEBHOOK for action in _ORDER_ACTIONS},
    **dict.fromkeys(("fulfillments/create", "fulfillments/update"), TaskType.FULFILLMENT_WEBHOOK),
    "refunds/create": TaskType.REFUND_WEBHOOK,
    "shop/update": TaskType.SHOP_WEBHOOK,
    "bulk_operations/finish": TaskType.BULK_OPERATION_FINISH_WEBHOOK,
    "customers/data_request": TaskType.CUSTOMERS_DATA_REQUEST,
    "customers/redact": TaskType.CUSTOMERS_REDACT,
    "shop/redact": TaskType.SHOP_REDACT,
    "app/uninstalled": TaskType.APP_UNINSTALLED,
}
# Shopify: these come also for shops the app does not know, or has been uninstalled from.
OPEN_TOPICS = frozenset({"customers/data_request", "customers/redact", "shop/redact", "app/uninstalled"})

_ID_KEYS = {
    "customers_email_marketing_consent/update": "customer_id",
    "customer.tags_added": "customerId",
    "customer.tags_removed": "customerId",
    "bulk_operations/finish": "admin_graphql_api_id",
}
_ABOUT = wanted_fields("id", "name", "order_number", "order_edit", *_ID_KEYS.values())
_CUSTOMER_GID = "gid://shopify/Customer/"
_CLASSIC = "x-shopify-"
_EVENTS = "shopify-"
_SIGNATURE = "hmac-sha256"
_NAMES = {_SIGNATURE: "Hmac-Sha256", "topic": "Topic", "shop-domain": "Shop-Domain"}


class Headers(NamedTuple):
    """The delivery's headers by their name without prefix, and all of them as they came."""

    fields: dict[str, str]
    sent: dict[str, str]

    @property
    def shop_domain(self) -> str | None:
        domain = self.fields.get("shop-domain")
        return domain.lower() if domain else None

    @property
    def topic(self) -> str | None:
        topic = self.fields.get("topic")
        return topic.lower() if topic else None


def read_headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """Picks Shopify's headers, whatever their case; empty ones count as absent.

    Shopify: events come as `Shopify-*`, webhooks as `X-Shopify-*`, a request may carry both. As in its own
    libraries it counts as an event if signed as one; what the chosen set lacks is taken from the other.
    """
    classic: dict[str, str] = {}
    events: dict[str, str] = {}
    sent: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = raw_name.lower()
        if name.startswith(_CLASSIC):
            fields, short = classic, name[len(_CLASSIC) :]
        elif name.startswith(_EVENTS):
            fields, short = events, name[len(_EVENTS) :]
        else:
            continue
        if value := raw_value.strip():
            fields.setdefault(short, value)
            if short != _SIGNATURE:
                sent.setdefault(name, storable(value))
    return Headers(classic | events if _SIGNATURE in events else events | classic, sent)


def delivery_of(headers: Headers, *, content_type: str) -> Delivery:
    """Raises MissingHeader for the first required header that is absent."""
    fields = headers.fields
    for name, documented in _NAMES.items():
        if name not in fields:
            raise MissingHeader(f"X-Shopify-{documented}")
    return Delivery(
        source=SOURCE,
        shop_domain=fields["shop-domain"].lower(),
        topic=fields["topic"].lower(),
        signature=fields[_SIGNATURE],
        content_type=storable(content_type),
        headers=headers.sent,
        webhook_id=fields.get("webhook-id"),
        event_id=fields.get("event-id"),
        triggered_at=moment(fields.get("triggered-at")),
    )


def entity_ids(topic: str, body: bytes) -> EntityIds:
    """Whom the body is about; nothing when it is not JSON or not the topic's shape. Never raises.

    A request about a person does not name them outside of its body.
    """
    if topic in OPEN_TOPICS:
        return EntityIds()
    data = fields_of(body, _ABOUT)
    if topic == "orders/edited":
        edit = data.get("order_edit")
        return EntityIds(id_of(edit.get("order_id")) if isinstance(edit, dict) else None)
    if topic in _ID_KEYS:
        found = id_of(data.get(_ID_KEYS[topic]))
        return EntityIds(found.removeprefix(_CUSTOMER_GID) if found else None)
    return EntityIds(id_of(data.get("id")), _order_number(topic, data))


def _order_number(topic: str, data: Mapping[str, Any]) -> str | None:
    """The number as people know it, e.g. `#1042`; the parcels of that order are `#1042.1`, `#1042.2`."""
    name, number = short_text(data.get("name")), data.get("order_number")
    if topic.startswith("fulfillments/"):
        return (name or "").rpartition(".")[0] or None
    if topic.startswith("orders/"):
        whole = id_of(number) if type(number) is int else None
        return name or (f"#{whole}" if whole else None)
    return None


@dataclass(frozen=True, slots=True)
class Shopify:
    name = SOURCE
    path = "/webhooks/shopify"
    account_kind = None
    topics = TASK_TYPES.keys()
    open_topics = OPEN_TOPICS

    def claim(self, head: Head) -> Claim:
        headers = read_headers(head.headers)
        return Claim(headers.shop_domain, headers.topic)

    def is_ping(self, _: Head) -> bool:
        return False

    def read(self, head: Head) -> Delivery:
        return delivery_of(read_headers(head.headers), content_type=head.content_type)

    def verify(self, delivery: Delivery, body: bytes, *, secrets: Sequence[bytes], now: datetime) -> int:  # noqa: ARG002
        return body_signer(body, delivery.signature, secrets)

    def identify(self, delivery: Delivery, body: bytes, *, received_at: datetime) -> Identity:  # noqa: ARG002
        about = entity_ids(delivery.topic, body)
        return Identity(delivery, TASK_TYPES.get(delivery.topic), about)
