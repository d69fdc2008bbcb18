"""API tokens, as every service that takes them knows them again. Pure."""

import hashlib
from enum import StrEnum


class Role(StrEnum):
    """Each role may do all that the ones before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def includes(self, other: "Role") -> bool:
        ladder = list(Role)
        return ladder.index(self) >= ladder.index(other)


def hash_of(token: str) -> bytes:
    """Tokens are random enough that a plain hash can not be turned back."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
