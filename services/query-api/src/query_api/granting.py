"""What an administrator may hand on: never more shops than they see, never for longer than they may. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from query_api.auth import Grant, Reader, Role


class NotYours(Exception):
    """`field` is what has to be changed; the message says to what."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


@dataclass(frozen=True, slots=True)
class Wanted:
    """`shop_ids` None: no shops were named; `expires_at` None: no end was named."""

    name: str
    role: Role
    shop_ids: Sequence[int] | None
    expires_at: datetime | None


def grant_of(wanted: Wanted, giver: Reader, *, giver_ends_at: datetime | None, now: datetime) -> Grant:
    """The token that `giver` hands on: with all of their own shops where none are named, and ending with
    their own token where no end is named. Raises NotYours."""
    if wanted.shop_ids is not None and any(not giver.may_see_shop(shop_id) for shop_id in wanted.shop_ids):
        raise NotYours("shops", "A token can not be given shops that this one does not see.")
    shops = giver.shop_ids if wanted.shop_ids is None else tuple(sorted(set(wanted.shop_ids)))
    ends_at = wanted.expires_at or giver_ends_at
    if ends_at is not None and ends_at <= now:
        raise NotYours("expires_at", "That moment has passed; name a later one, or none.")
    if giver_ends_at is not None and ends_at is not None and ends_at > giver_ends_at:
        raise NotYours(
            "expires_at", f"It can not outlast this token, which ends at {giver_ends_at:%Y-%m-%dT%H:%M:%SZ}."
        )
    return Grant(wanted.name, wanted.role, shops, ends_at)


def may_manage(giver: Reader, shop_ids: Sequence[int] | None) -> bool:
    """Whether the token with these shops is one that `giver` could have made."""
    if giver.shop_ids is None:
        return True
    return (
        shop_ids is not None and bool(shop_ids) and all(giver.may_see_shop(shop_id) for shop_id in shop_ids)
    )
