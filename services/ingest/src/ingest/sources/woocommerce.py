"""WooCommerce's webhooks: which headers mean what, and which task a topic causes. Pure.

WooCommerce does not repeat a delivery, and its Delivery-ID is the same for two within one second.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape
from typing import Any

from ingest.content import id_of, json_object, moment, storable
from ingest.delivery import Delivery, EntityIds
from ingest.signatures import body_signer
from ingest.sources.source import Claim, Head, Identity, MissingHeader
from shared.tasks import TaskType

TASK_TYPES = {
    **{f"customer.{action}": TaskType.CUSTOMER_WEBHOOK for action in ("created", "updated", "deleted")},
    **{f"order.{action}": TaskType.ORDER_WEBHOOK for action in ("created", "updated", "deleted")},
}

_PREFIX = "x-wc-webhook-"
_FORM = "application/x-www-form-urlencoded"
_REQUIRED = {"signature": "X-WC-Webhook-Signature", "topic": "X-WC-Webhook-Topic"}


@dataclass(frozen=True, slots=True)
class WooCommerce:
    name = "woocommerce"
    path = "/webhooks/woocommerce/{shop}"
    account_kind = "woocommerce"
    open_topics = frozenset[str]()
    topics = frozenset(TASK_TYPES)

    def claim(self, head: Head) -> Claim:
        topic = _fields(head).get("topic")
        return Claim(head.shop_domain, topic.lower() if topic else None)

    def is_ping(self, head: Head) -> bool:
        """WooCommerce sends an unsigned form when a webhook is saved, and saves it only after exactly 200."""
        is_form = head.content_type.partition(";")[0].strip().lower() == _FORM
        return is_form and not _REQUIRED.keys() & _fields(head).keys()

    def read(self, head: Head) -> Delivery:
        fields = _fields(head)
        for name, documented in _REQUIRED.items():
            if name not in fields:
                raise MissingHeader(documented)
        return Delivery(
            source=self.name,
            shop_domain=head.shop_domain or "",
            topic=fields["topic"].lower(),
            signature=fields["signature"],
            content_type=storable(head.content_type),
            headers={
                f"{_PREFIX}{name}": storable(value) for name, value in fields.items() if name != "signature"
            },
        )

    def verify(self, delivery: Delivery, body: bytes, *, secrets: Sequence[bytes], now: datetime) -> int:  # noqa: ARG002
        """WooCommerce signs with the decoded form of a secret that holds HTML entities."""
        spellings = [spelling for secret in secrets for spelling in (secret, _unescaped(secret))]
        return body_signer(body, delivery.signature, spellings) // 2

    def identify(self, delivery: Delivery, body: bytes, *, received_at: datetime) -> Identity:
        content = json_object(body) or {}
        about = _about(delivery.topic, content)
        digest = hashlib.sha256(body).hexdigest()
        identified = replace(
            delivery,
            key=f"{self.name}:{delivery.topic}:{about.source_id or '-'}:{digest}",
            triggered_at=moment(content.get("date_modified_gmt"), naive_is_utc=True) or received_at,
        )
        return Identity(identified, TASK_TYPES.get(delivery.topic), about)


def _fields(head: Head) -> dict[str, str]:
    """By their name without the prefix; empty ones count as absent."""
    names = [(name.lower(), value.strip()) for name, value in head.headers]
    return {name.removeprefix(_PREFIX): value for name, value in names if name.startswith(_PREFIX) and value}


def _unescaped(secret: bytes) -> bytes:
    return unescape(secret.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _about(topic: str, content: dict[str, Any]) -> EntityIds:
    number = id_of(content.get("number")) if topic.startswith("order.") else None
    return EntityIds(id_of(content.get("id")), f"#{number}" if number else None)
