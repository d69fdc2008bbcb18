"""The Engage CRM's webhooks, sent by Svix: which events are used. Pure.

An event is a signal: whoever uses it reads the contact anew. So only what names the contact is taken from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ingest.content import id_of, json_object, short_text
from ingest.delivery import Delivery, EntityIds
from ingest.sources.messages import STANDARD, SVIX, read_message, verify_message
from ingest.sources.source import Claim, Head, Identity
from shared.tasks import TaskType

TASK_TYPES = {
    "contact.acceptsEmail.changed": TaskType.CONTACT_WEBHOOK,
    "contact.acceptsSms.changed": TaskType.CONTACT_WEBHOOK,
}
NOT_USED = frozenset(
    {"contact.created", "contact.updated", "contact.deleted", "contact.consent.changed"}
    | {"contact.acceptsPostal.changed", "loyalty.addPoints", "point.balance.updated"}
    | {"reward.voucher.created", "promotion.multichannel.assigned"}
)


@dataclass(frozen=True, slots=True)
class Engage:
    name = "engage"
    path = "/webhooks/engage/{shop}"
    account_kind = "engage"
    open_topics = frozenset[str]()
    topics = frozenset(TASK_TYPES) | NOT_USED

    def claim(self, head: Head) -> Claim:
        return Claim(head.shop_domain, None)

    def is_ping(self, _: Head) -> bool:
        return False

    def read(self, head: Head) -> Delivery:
        return read_message(head, source=self.name, prefixes=(SVIX, STANDARD))

    def verify(self, delivery: Delivery, body: bytes, *, secrets: Sequence[bytes], now: datetime) -> int:
        return verify_message(delivery, body, secrets=secrets, now=now)

    def identify(self, delivery: Delivery, body: bytes, *, received_at: datetime) -> Identity:  # noqa: ARG002
        """A body that names no event becomes a task all the same, which fails and says so."""
        event = json_object(body) or {}
        topic = short_text(event.get("eventType"))
        if topic is None:
            return Identity(delivery, TaskType.CONTACT_WEBHOOK)
        payload = event.get("payload")
        contact_id = id_of(payload.get("contactId")) if isinstance(payload, dict) else None
        return Identity(replace(delivery, topic=topic), TASK_TYPES.get(topic), EntityIds(contact_id))
