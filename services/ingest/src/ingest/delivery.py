"""One delivery as its headers describe it. Nothing in it is trusted before the signature is verified."""

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

_PLAIN_ID = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class Delivery:
    """`headers` are the sender's own, without the signature; `triggered_at` is when it happened there.

    `signed_at` is the timestamp that is part of what is signed; `key` replaces the key made of the ids.
    `token`: what it shows instead of a signature.
    """

    source: str
    shop_domain: str
    topic: str
    signature: str
    content_type: str
    headers: dict[str, str]
    webhook_id: str | None = None
    event_id: str | None = None
    triggered_at: datetime | None = None
    signed_at: str = ""
    key: str | None = None
    token: str | None = field(default=None, repr=False)


class EntityIds(NamedTuple):
    """Whom a body is about, as far as it can be read; ids of 64 bits stay exact as text."""

    source_id: str | None = None
    order_number: str | None = None


def delivery_key(delivery: Delivery, body: bytes) -> str:
    """What two copies of one delivery have in common and no two deliveries of one shop share.

    Shopify: the webhook id names one delivery. The event id alone does not: all topics of an action share it,
    and one action may send a topic twice with different content. So the body's hash goes with it.
    """
    if delivery.key is not None:
        return delivery.key
    if delivery.webhook_id is not None:
        return f"{delivery.source}:webhook:{plain_id(delivery.webhook_id)}"
    digest = hashlib.sha256(body).hexdigest()
    if delivery.event_id is not None:
        return f"{delivery.source}:event:{plain_id(delivery.event_id)}:{delivery.topic}:{digest}"
    moment = delivery.triggered_at.isoformat() if delivery.triggered_at else "-"
    return f"{delivery.source}:body:{delivery.topic}:{moment}:{digest}"


def identity_of(delivery: Delivery, key: str) -> str:
    """What the task's id is made of: the delivery's key, its shop and its topic."""
    return f"{delivery.shop_domain}\n{delivery.topic}\n{key}"


def with_domain(delivery: Delivery, body: bytes) -> Delivery:
    """Its key names the shop: all shops nobody knows are one to us, and their ids may be alike."""
    return replace(delivery, key=f"{plain_id(delivery.shop_domain)}:{delivery_key(delivery, body)}")


def plain_id(sender_id: str) -> str:
    """Ids are stored and shown; one of strange characters or length is replaced by its hash."""
    if _PLAIN_ID.fullmatch(sender_id):
        return sender_id
    return f"sha256-{hashlib.sha256(sender_id.encode('utf-8', 'backslashreplace')).hexdigest()}"
