"""Signatures over the raw bytes of a delivery. Pure."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from ingest.refusals import Reason

TOLERANCE = timedelta(minutes=5)

_SECRET_PREFIX = "whsec_"  # noqa: S105 - how such secrets begin
_FIRST_VERSION = "v1,"
_LONGEST_TIMESTAMP = 11


class NotSigned(Exception):
    """The delivery is not signed with any of the secrets, or not now; `reason` says which."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def body_signer(body: bytes, signature: str, secrets: Sequence[bytes]) -> int:
    """Which secret signed: `signature` is base64 of the body's HMAC-SHA256. Raises NotSigned.

    Shopify: keyed with the app's client secret; after a rotation the old one signs on for about an hour. The
    time taken depends neither on which secret matches nor on how much of the signature does.
    """
    return _signer([_digest(secret, body) for secret in secrets], [_decoded(signature)])


def message_signer(
    message: bytes, signatures: str, secrets: Sequence[bytes], *, signed_at: str, now: datetime
) -> int:
    """Which secret signed a message, at a time that is not far from now. Raises NotSigned.

    Standard Webhooks: a space-separated list of `v1,<base64>`, of which any may match (rotation); the secret
    is base64, usually after `whsec_`; five minutes of tolerance both ways, against replays.
    """
    claimed = [_decoded(entry[len(_FIRST_VERSION) :]) for entry in signatures.split() if _is_first(entry)]
    place = _signer([_digest(_key(secret), message) for secret in secrets], claimed)
    if not _is_fresh(signed_at, now):
        raise NotSigned(Reason.STALE_SIGNATURE)
    return place


def signed_message(message_id: str, signed_at: str, body: bytes) -> bytes:
    """Standard Webhooks: id, timestamp and raw body, joined by full stops. Headers are Latin-1."""
    return b".".join((_bytes(message_id), _bytes(signed_at), body))


def moment_of(timestamp: str) -> datetime | None:
    """Unix seconds as a moment; None when they are none."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
        return None
    return datetime.fromtimestamp(int(timestamp), UTC)


def _signer(expected: Sequence[bytes], claimed: Sequence[bytes]) -> int:
    """Every pair is compared, whatever the others said."""
    if not any(expected):
        raise NotSigned(Reason.NO_SECRET)
    pairs = [(place, digest, other) for place, digest in enumerate(expected) if digest for other in claimed]
    matches = [place for place, digest, other in pairs if hmac.compare_digest(digest, other)]
    if matches:
        return matches[0]
    could_be = any(len(other) == sha256().digest_size for other in claimed)
    raise NotSigned(Reason.BAD_SIGNATURE if could_be else Reason.MALFORMED_SIGNATURE)


def _digest(key: bytes, message: bytes) -> bytes:
    """Nothing for an empty key: with it anybody could sign."""
    return hmac.digest(key, message, "sha256") if key else b""


def _is_first(entry: str) -> bool:
    return entry.startswith(_FIRST_VERSION)


def _is_fresh(signed_at: str, now: datetime) -> bool:
    moment = moment_of(signed_at)
    return moment is not None and abs(now - moment) <= TOLERANCE


def _key(secret: bytes) -> bytes:
    """The bytes to sign with; none for a secret that is not base64."""
    return _decoded(secret.decode("utf-8", "replace").strip().removeprefix(_SECRET_PREFIX))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return b""


def _bytes(text: str) -> bytes:
    return text.encode("latin-1", "replace")
