"""Senders that follow Standard Webhooks and the shapes of `docs/sources.md`. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ingest.content import id_of, json_object, short_text
from ingest.delivery import Delivery, EntityIds
from ingest.sources.messages import STANDARD, read_message, verify_message
from ingest.sources.source import Claim, Head, Identity
from shared.tasks import TaskType

_BY_THING = {"order": TaskType.ORDER_WEBHOOK, "customer": TaskType.CUSTOMER_WEBHOOK}


@dataclass(frozen=True, slots=True)
class Standard:
    name = "standard"
    path = "/webhooks/standard/{shop}"
    account_kind = "standard"
    open_topics = frozenset[str]()
    topics = frozenset(
        {"customer.created", "customer.updated", "customer.deleted", "order.created", "order.updated"}
        | {"order.paid", "order.cancelled", "order.fulfilled", "order.deleted"}
    )

    def claim(self, head: Head) -> Claim:
        return Claim(head.shop_domain, None)

    def is_ping(self, _: Head) -> bool:
        return False

    def read(self, head: Head) -> Delivery:
        return read_message(head, source=self.name, prefixes=(STANDARD,))

    def verify(self, delivery: Delivery, body: bytes, *, secrets: Sequence[bytes], now: datetime) -> int:
        return verify_message(delivery, body, secrets=secrets, now=now)

    def identify(self, delivery: Delivery, body: bytes, *, received_at: datetime) -> Identity:  # noqa: ARG002
        """A body that names no type becomes a task all the same, which fails and says so."""
        message = json_object(body) or {}
        topic = short_text(message.get("type"))
        if topic is None:
            return Identity(delivery, TaskType.ORDER_WEBHOOK)
        data = message.get("data")
        about = _about(topic, data) if isinstance(data, dict) else EntityIds()
        return Identity(replace(delivery, topic=topic), _BY_THING.get(topic.partition(".")[0]), about)


def _about(topic: str, data: dict[str, object]) -> EntityIds:
    number = id_of(data.get("number")) if topic.startswith("order.") else None
    return EntityIds(id_of(data.get("id")), f"#{number.lstrip('#')}" if number else None)
