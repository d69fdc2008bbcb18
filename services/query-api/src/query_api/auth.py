"""Who is asking, what they may do, and for which shops. Pure."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.api_tokens import Role, hash_of

__all__ = [
    "Grant",
    "Reader",
    "Refused",
    "Role",
    "Token",
    "hash_of",
    "new_token",
    "reader_of",
    "shown_prefix",
    "state_of",
]

_KIND_MARK = "sl_"
_SHOWN_CHARACTERS = 9


class Refused(Exception):
    """The message tells the owner of the token what to do; it never says whether a token once existed."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a new token is to allow. `shop_ids` None: all shops; `expires_at` None: never expires."""

    name: str
    role: Role
    shop_ids: tuple[int, ...] | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Token:
    """A stored token. `shop_ids` None: all shops."""

    id: int
    name: str
    role: Role
    shop_ids: tuple[int, ...] | None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody whose token is good. `shop_ids` None: all shops; `address`: where the request came from."""

    token_id: int
    name: str
    role: Role
    shop_ids: tuple[int, ...] | None
    address: str | None = None

    @property
    def may_see_payloads(self) -> bool:
        return self.role.includes(Role.OPERATOR)

    def may_see_shop(self, shop_id: int) -> bool:
        return self.shop_ids is None or shop_id in self.shop_ids

    def may_see_shops(self, shop_ids: Sequence[int] | None) -> bool:
        """`shop_ids` None: all there are."""
        if self.shop_ids is None:
            return True
        return shop_ids is not None and set(shop_ids) <= set(self.shop_ids)

    def narrowed(self, asked: Sequence[int] | None) -> tuple[int, ...] | None:
        """The shops to look at when `asked` for some (None: for all this reader may see)."""
        if asked is None:
            return self.shop_ids
        return tuple(shop_id for shop_id in asked if self.may_see_shop(shop_id))


def new_token() -> str:
    """256 random bits behind a prefix that scanners for leaked secrets can recognise."""
    return _KIND_MARK + secrets.token_urlsafe(32)


def shown_prefix(token: str) -> str:
    """Enough of a token to recognise it by, too little to use it."""
    return token[:_SHOWN_CHARACTERS]


def state_of(
    revoked_at: datetime | None, expires_at: datetime | None, now: datetime
) -> Literal["good", "expired", "revoked"]:
    if revoked_at is not None:
        return "revoked"
    return "expired" if expires_at is not None and expires_at <= now else "good"


def reader_of(token: Token | None, now: datetime) -> Reader:
    """Raises Refused unless the token exists, is not revoked and has not expired."""
    if token is None:
        raise Refused("The token is not known here. Check that all of it was copied, or ask for a new one.")
    if token.revoked_at is not None:
        raise Refused("The token was revoked. Ask an administrator for a new one.")
    if token.expires_at is not None and token.expires_at <= now:
        raise Refused("The token has expired. Ask an administrator for a new one.")
    return Reader(token.id, token.name, token.role, token.shop_ids)
