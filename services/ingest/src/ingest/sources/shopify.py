"""Shopify's webhooks: which headers mean what, and which task a topic causes. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from ingest.delivery import Delivery, EntityIds
from shared.tasks import TaskType

SOURCE = "shopify"

_CUSTOMER_ACTIONS = ("create", "update", "delete", "enable", "disable")
_ORDER_ACTIONS = (
    "create", "updated", "paid", "cancelled", "fulfilled", "partially_fulfilled", "edited", "delete",
)  # fmt: skip
TASK_TYPES: Mapping[str, TaskType] = {
    **{f"customers/{action}": TaskType.CUSTOMER_WEBHOOK for action in _CUSTOMER_ACTIONS},
    **{f"orders/{action}": TaskType.ORDER_WEBHOOK for action in _ORDER_ACTIONS},
}

_CLASSIC = "x-shopify-"
_EVENTS = "shopify-"
_SIGNATURE = "hmac-sha256"
_NAMES = {_SIGNATURE: "Hmac-Sha256", "topic": "Topic", "shop-domain": "Shop-Domain"}
_MAX_HEADER_LENGTH = 1_000
_MAX_ID_LENGTH = 64


class MissingHeader(ValueError):
    """`name` is the header as Shopify documents it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Headers:
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
    sets: dict[str, dict[str, str]] = {_EVENTS: {}, _CLASSIC: {}}
    sent: dict[str, str] = {}
    for raw_name, value in headers:
        name = raw_name.lower()
        prefix = next((prefix for prefix in sets if name.startswith(prefix)), None)
        if prefix is None or not value.strip():
            continue
        short = name.removeprefix(prefix)
        sets[prefix].setdefault(short, value.strip())
        if short != _SIGNATURE:
            sent.setdefault(name, _storable(value.strip()))
    events, classic = sets[_EVENTS], sets[_CLASSIC]
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
        content_type=_storable(content_type),
        headers=headers.sent,
        webhook_id=fields.get("webhook-id"),
        event_id=fields.get("event-id"),
        triggered_at=_moment(fields.get("triggered-at")),
    )


def entity_ids(topic: str, body: bytes) -> EntityIds:
    """Whom the body is about; nothing when it is not JSON or not the topic's shape. Never raises."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return EntityIds()
    if not isinstance(data, dict):
        return EntityIds()
    if topic == "orders/edited":
        edit = data.get("order_edit")
        return EntityIds(_id(edit.get("order_id")) if isinstance(edit, dict) else None)
    return EntityIds(_id(data.get("id")), _order_number(data) if topic.startswith("orders/") else None)


def _order_number(order: dict[str, Any]) -> str | None:
    """The number as people know it, e.g. `#1042`."""
    name, number = order.get("name"), order.get("order_number")
    if isinstance(name, str) and _is_short_text(name):
        return name
    return f"#{number}" if type(number) is int else None


def _id(value: object) -> str | None:
    if type(value) is int:
        return str(value)
    return value if isinstance(value, str) and _is_short_text(value) else None


def _is_short_text(text: str) -> bool:
    return 0 < len(text) <= _MAX_ID_LENGTH and text.isprintable()


def _moment(text: str | None) -> datetime | None:
    """Shopify: RFC 3339 in UTC with microseconds. Anything unreadable counts as absent."""
    try:
        moment = datetime.fromisoformat(text or "")
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _storable(value: str) -> str:
    return value[:_MAX_HEADER_LENGTH].replace("\x00", "")
