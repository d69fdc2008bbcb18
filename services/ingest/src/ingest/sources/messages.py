"""Standard Webhooks: id, timestamp and signature are headers, the topic stands in the body. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from ingest.content import storable
from ingest.delivery import Delivery
from ingest.signatures import message_signer, moment_of, signed_message
from ingest.sources.source import Head, MissingHeader

STANDARD = "webhook-"
SVIX = "svix-"

_ID, _TIMESTAMP, _SIGNATURE = "id", "timestamp", "signature"


def read_message(head: Head, *, source: str, prefixes: Sequence[str]) -> Delivery:
    """A request may carry several sets of headers; of those that are signed the first prefix counts.

    Raises MissingHeader. The topic is not known yet.
    """
    sets = {prefix: _fields(head.headers, prefix) for prefix in prefixes}
    prefix, fields = max(sets.items(), key=lambda item: (_SIGNATURE in item[1], len(item[1])))
    for name in (_ID, _TIMESTAMP, _SIGNATURE):
        if name not in fields:
            raise MissingHeader(f"{prefix}{name}")
    return Delivery(
        source=source,
        shop_domain=head.shop_domain or "",
        topic="",
        signature=fields[_SIGNATURE],
        content_type=storable(head.content_type),
        headers={f"{STANDARD}{name}": storable(fields[name]) for name in (_ID, _TIMESTAMP)},
        webhook_id=fields[_ID],
        triggered_at=moment_of(fields[_TIMESTAMP]),
        signed_at=fields[_TIMESTAMP],
    )


def verify_message(delivery: Delivery, body: bytes, *, secrets: Sequence[bytes], now: datetime) -> int:
    """Which of the secrets signed. Raises NotSigned."""
    message = signed_message(delivery.webhook_id or "", delivery.signed_at, body)
    return message_signer(message, delivery.signature, secrets, signed_at=delivery.signed_at, now=now)


def _fields(headers: Iterable[tuple[str, str]], prefix: str) -> dict[str, str]:
    """By their name without the prefix; empty ones count as absent."""
    found: dict[str, str] = {}
    for raw_name, value in headers:
        name = raw_name.lower()
        if name.startswith(prefix) and value.strip():
            found.setdefault(name.removeprefix(prefix), value.strip())
    return found
