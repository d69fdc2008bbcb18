"""Senders other than Shopify: how they sign, and the accounts that hold their secrets."""

import base64
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import orjson

from shared.vault import Vault
from tests.integration.ingest.running import MASTER_KEY, Ingest, Shop

KEY = b"a secret of twenty-four."
SECRET = "whsec_" + base64.b64encode(KEY).decode()
ENGAGE_EVENT = (
    b'{"eventId":"9f0d","eventType":"contact.acceptsEmail.changed","isEncrypted":false,"tenant":"acme",'
    b'"payload":{"contactId":"6f1c"}}'
)
STANDARD_ORDER = b'{"type":"order.updated","timestamp":"2026-11-20T16:15:47Z","data":{"id":"A-17"}}'
WOO_ORDER = b'{"id":727,"number":"1042","status":"processing"}'
Headers = dict[str, str]


def message_headers(body: bytes, *, key: bytes = KEY, prefix: str = "webhook-", age_s: int = 0) -> Headers:
    message_id, sent_at = f"msg_{uuid4().hex}", str(int(time.time()) - age_s)
    message = f"{message_id}.{sent_at}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, message, "sha256")).decode()
    return {
        "content-type": "application/json",
        f"{prefix}id": message_id,
        f"{prefix}timestamp": sent_at,
        f"{prefix}signature": f"v1,{signature}",
    }


def svix_headers(body: bytes, *, key: bytes = KEY) -> Headers:
    return message_headers(body, key=key, prefix="svix-")


def woo_headers(body: bytes, *, key: bytes = SECRET.encode()) -> Headers:
    return {
        "content-type": "application/json",
        "x-wc-webhook-source": "https://acme.example/",
        "x-wc-webhook-topic": "order.updated",
        "x-wc-webhook-id": "4",
        "x-wc-webhook-delivery-id": "0d1e",
        "x-wc-webhook-signature": base64.b64encode(hmac.digest(key, body, "sha256")).decode(),
    }


@dataclass(frozen=True)
class Door:
    """One kind of sender, with a body it would send."""

    kind: str
    body: bytes
    headers: Callable[..., Headers]
    signature: str
    required: tuple[str, ...]

    async def send(
        self,
        ingest: Ingest,
        shop: Shop,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        content = self.body if body is None else body
        sent = dict(self.headers(content) if headers is None else headers)
        return await ingest.client.post(f"/webhooks/{self.kind}/{shop.domain}", content=content, headers=sent)


_MESSAGE = ("id", "timestamp", "signature")
DOORS = (
    Door(
        "engage", ENGAGE_EVENT, svix_headers, "svix-signature",
        tuple(f"svix-{name}" for name in _MESSAGE),
    ),
    Door(
        "standard", STANDARD_ORDER, message_headers, "webhook-signature",
        tuple(f"webhook-{name}" for name in _MESSAGE),
    ),
    Door(
        "woocommerce", WOO_ORDER, woo_headers, "x-wc-webhook-signature",
        ("X-WC-Webhook-Signature", "X-WC-Webhook-Topic"),
    ),
)  # fmt: skip


async def add_sender(database_url: str, shop: Shop, kind: str, *secrets: str) -> int:
    """An account whose side signs with the first of these secrets."""
    credentials: dict[str, Any] = {"api_key": "k", "webhook_secret": list(secrets or (SECRET,))}
    connection = await asyncpg.connect(database_url)
    account_id: int = await connection.fetchval(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials) "
        "VALUES ($1, $2, $3, 'https://x', $4) RETURNING id",
        shop.id,
        kind,
        f"{kind} {uuid4().hex[:4]}",
        Vault(MASTER_KEY).seal(orjson.dumps(credentials)),
    )
    await connection.close()
    return account_id
