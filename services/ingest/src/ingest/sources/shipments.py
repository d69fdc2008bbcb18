"""Shipping software that reports packages in the shape of `docs/sources.md`. Pure.

It signs as Standard Webhooks do, or shows an API token.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ingest.content import storable
from ingest.delivery import Delivery, EntityIds, plain_id
from ingest.sources.messages import STANDARD, read_message, verify_message
from ingest.sources.source import Claim, Head, Identity, MissingHeader, Unusable
from shared.api_tokens import hash_of
from shared.shipments.message import read_message as read_shipment
from shared.shipments.parcels import Fault, Faulty
from shared.tasks import TaskType

AUTHORIZATION = "authorization"
IDEMPOTENCY_KEY = "idempotency-key"
MOST_FAULTS = 100

_BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Shipments:
    name = "shipments"
    path = "/shipments/{shop}"
    account_kind = "shipper"
    open_topics = frozenset[str]()
    topics = frozenset[str]()

    def claim(self, head: Head) -> Claim:
        return Claim(head.shop_domain, None)

    def is_ping(self, _: Head) -> bool:
        return False

    def read(self, head: Head) -> Delivery:
        """A signature counts more than a token."""
        token = _bearer_token(head)
        if token is None or any(name.lower().startswith(STANDARD) for name, _ in head.headers):
            return _signed(head, self.name)
        key = _header(head, IDEMPOTENCY_KEY)
        return Delivery(
            source=self.name,
            shop_domain=head.shop_domain or "",
            topic="",
            signature="",
            content_type=storable(head.content_type),
            headers={IDEMPOTENCY_KEY: storable(key)} if key else {},
            token=token,
        )

    def verify(self, delivery: Delivery, body: bytes, *, secrets: Sequence[bytes], now: datetime) -> int:
        return verify_message(delivery, body, secrets=secrets, now=now)

    def identify(self, delivery: Delivery, body: bytes, *, received_at: datetime) -> Identity:
        """Raises Unusable when no package of it could be kept, so that the sender hears of it at once."""
        try:
            message = read_shipment(body, received_at=received_at)
        except Faulty as faulty:
            raise Unusable(_told(faulty.faults)) from None
        told: dict[str, Any] = {"shipment_id": message.shipment_id}
        if message.faults:
            told["errors"] = _told(message.faults)
        about = EntityIds(message.shipment_id, message.order.number)
        keyed = replace(delivery, key=_key(delivery, body, received_at))
        return Identity(keyed, TaskType.SHIPMENT_RECEIVED, about, told)


def _signed(head: Head, source: str) -> Delivery:
    try:
        return read_message(head, source=source, prefixes=(STANDARD,))
    except MissingHeader as missing:
        if any(name.lower().startswith(STANDARD) for name, _ in head.headers):
            raise
        raise MissingHeader(f"{missing.name} (or Authorization)") from None


def _bearer_token(head: Head) -> str | None:
    value = _header(head, AUTHORIZATION) or ""
    token = value[len(_BEARER) :].strip() if value.lower().startswith(_BEARER) else ""
    return token or None


def _header(head: Head, wanted: str) -> str | None:
    return next((value.strip() for name, value in head.headers if name.lower() == wanted), None)


def _key(delivery: Delivery, body: bytes, received_at: datetime) -> str | None:
    """What a repeated delivery is known by; None: its webhook id. A token's keys are its own.

    Without a key the same body within an hour is the same delivery: later on it is a person's second try.
    """
    if delivery.token is None:
        return None
    key = delivery.headers.get(IDEMPOTENCY_KEY)
    if key:
        return f"{delivery.source}:key:{hash_of(delivery.token).hex()[:16]}:{plain_id(key)}"
    digest = hashlib.sha256(body).hexdigest()
    return f"{delivery.source}:body:{received_at.astimezone(UTC):%Y-%m-%dT%H}:{digest}"


def _told(faults: Sequence[Fault]) -> list[dict[str, str]]:
    return [
        {"package": fault.package or "", "field": fault.field, "message": fault.problem}
        for fault in faults[:MOST_FAULTS]
    ]
