"""Signatures over the raw bytes of a delivery. Pure."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from hashlib import sha256


def is_signed(body: bytes, signature: str, secrets: Sequence[bytes]) -> bool:
    """Whether `signature` is base64 of the body's HMAC-SHA256 under any of the secrets. Never raises.

    Shopify: keyed with the app's client secret; after a rotation the old one signs on for about an hour. The
    time taken depends neither on which secret matches nor on how much of the signature does.
    """
    claimed = _decoded(signature)
    matches = [hmac.compare_digest(hmac.digest(secret, body, "sha256"), claimed) for secret in secrets]
    return any(matches)


def is_well_formed(signature: str) -> bool:
    """Whether it could be a signature at all."""
    return len(_decoded(signature)) == sha256().digest_size


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return b""
