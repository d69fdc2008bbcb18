"""Encryption at rest: master keys protect credentials and each shop's data key; data keys protect payloads.

Forgetting a shop's data key makes its stored payloads unreadable for good.
"""

import os
import zlib
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class SealBroken(Exception):
    """The bytes were not encrypted with any of the keys at hand, or were changed."""


class Vault:
    """Seals small secrets with the master keys; the newest key seals, all of them open."""

    def __init__(self, keys: str) -> None:
        """`keys`: Fernet keys, comma separated, newest first. Raises ValueError for a malformed key."""
        fernets = [Fernet(key.strip()) for key in keys.split(",") if key.strip()]
        self._newest = fernets[0] if fernets else None
        self._fernet = MultiFernet(fernets)

    def seal(self, secret: bytes) -> bytes:
        return self._fernet.encrypt(secret)

    def open(self, sealed: bytes) -> bytes:
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise SealBroken("not sealed with any of SECRET_KEYS") from error

    def rewrap(self, sealed: bytes) -> bytes | None:
        """The same sealed with the newest key; None: it is. Raises SealBroken."""
        try:
            if self._newest is not None:
                self._newest.decrypt(sealed)
                return None
        except InvalidToken:
            pass
        return self.seal(self.open(sealed))

    def new_data_key(self) -> bytes:
        """A fresh data key, sealed."""
        return self.seal(AESGCM.generate_key(bit_length=256))

    def open_data_key(self, sealed: bytes) -> "DataKey":
        return DataKey(self.open(sealed))


class DataKey:
    """Compresses and encrypts the bodies of one shop; a body can only be opened under its own task's id."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, body: bytes, task_id: UUID) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, zlib.compress(body, 1), task_id.bytes)

    def open(self, sealed: bytes, task_id: UUID) -> bytes:
        try:
            return zlib.decompress(
                self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], task_id.bytes)
            )
        except (InvalidTag, ValueError) as error:
            raise SealBroken("not sealed with this shop's key for this task") from error
