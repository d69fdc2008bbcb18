"""One webhook delivery: the bytes and headers that every attempt repeats."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sandbox.shopify.signing import sign

API_VERSION = "2026-10"
WEBHOOK_PATH = "/webhooks/shopify"


class HeaderStyle(StrEnum):
    """How the header names are spelt: as documented, as HTTP/2 sends them, or as the newer events do."""

    CLASSIC = "X-Shopify-"
    LOWER = "x-shopify-"
    EVENTS = "shopify-"


@dataclass(frozen=True)
class Resource:
    kind: str
    id: int
    updated_at: datetime

    @property
    def key(self) -> tuple[str, int]:
        return self.kind, self.id


@dataclass(frozen=True)
class Sender:
    """The shop as receivers see it."""

    shop_domain: str
    secret: str


@dataclass(frozen=True)
class Stamp:
    """What tells one delivery from another; `event_id` is shared by all an action causes."""

    topic: str
    webhook_id: str
    event_id: str
    triggered_at: datetime


@dataclass(frozen=True)
class Delivery:
    stamp: Stamp
    resource: Resource
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def topic(self) -> str:
        return self.stamp.topic

    @property
    def webhook_id(self) -> str:
        return self.stamp.webhook_id

    @property
    def subject(self) -> str:
        return str(self.resource.id)

    @property
    def path(self) -> str:
        return WEBHOOK_PATH

    def headers_at(self, now: datetime) -> tuple[tuple[str, str], ...]:  # noqa: ARG002
        """Every attempt repeats the headers of the first."""
        return self.headers


def wire_headers(
    sender: Sender, body: bytes, *, stamp: Stamp, style: HeaderStyle = HeaderStyle.CLASSIC
) -> tuple[tuple[str, str], ...]:
    """All headers of one delivery, signature included."""
    values = {
        "Hmac-Sha256": sign(sender.secret, body),
        "Topic": stamp.topic,
        "Shop-Domain": sender.shop_domain,
        "API-Version": API_VERSION,
        "Webhook-Id": stamp.webhook_id,
        "Event-Id": stamp.event_id,
        "Triggered-At": stamp.triggered_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    plain = (("Content-Type", "application/json"), ("User-Agent", "Shopify-Captain-Hook"))
    return (*plain, *((_spelt(style, name), value) for name, value in values.items()))


def _spelt(style: HeaderStyle, name: str) -> str:
    return style.value + (name if style is HeaderStyle.CLASSIC else name.lower())
