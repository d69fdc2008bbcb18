"""Messages signed as Standard Webhooks asks for (Svix's are the same, under other names)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

PREFIX = "whsec_"


class BadSecret(ValueError):
    """A secret is `whsec_` and base64."""


def key_of(secret: str) -> bytes:
    """The key a secret stands for; raises BadSecret."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise BadSecret("a secret is whsec_ and base64") from error


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,…`: HMAC-SHA256 over id, timestamp and the raw body."""
    text = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key_of(secret), text, hashlib.sha256).digest()).decode()


@dataclass(frozen=True)
class Message:
    """One message; every attempt has the same id and its own time and signature.

    With several secrets it carries several signatures, as while they are being exchanged. `late_s` shifts the
    time it claims. `overrides` replaces headers by their lower-case name; None leaves one out.
    """

    webhook_id: str
    topic: str
    subject: str
    path: str
    body: bytes
    secrets: Sequence[str]
    names: str = "webhook-"
    late_s: int = 0
    overrides: Mapping[str, str | None] | None = None

    def headers_at(self, now: datetime) -> tuple[tuple[str, str], ...]:
        at = int(now.timestamp()) - self.late_s
        signed = [
            signature(secret, message_id=self.webhook_id, timestamp=at, body=self.body)
            for secret in self.secrets
        ]
        headers: dict[str, str | None] = {
            "content-type": "application/json",
            "user-agent": "Svix-Webhooks/1.62.0" if self.names == "svix-" else "Standard-Webhooks/1",
            f"{self.names}id": self.webhook_id,
            f"{self.names}timestamp": str(at),
            f"{self.names}signature": " ".join(signed),
            **(self.overrides or {}),
        }
        return tuple((name, value) for name, value in headers.items() if value is not None)
