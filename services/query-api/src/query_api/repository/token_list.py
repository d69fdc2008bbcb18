"""Tokens, and persons who sign in, as administrators see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from query_api.auth import Role
from shared.db.queries import load_queries

LATEST = 2**63 - 1
_queries = load_queries(__file__, "token_list")


@dataclass(frozen=True, slots=True)
class TokenRow:
    """`shops`: domains; None: all. `sessions`: how many browsers are signed in with it."""

    id: int
    name: str
    prefix: str
    role: Role
    shops: tuple[str, ...] | None
    shop_ids: tuple[int, ...] | None
    is_person: bool
    sessions: int
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldToken:
    id: int
    name: str
    shop_ids: tuple[int, ...] | None


async def tokens_before(
    connection: Any,
    shop_ids: Sequence[int] | None,
    *,
    before: int = LATEST,
    limit: int,
    is_signed_in: bool = False,
) -> list[TokenRow]:
    """The newest first; `shop_ids` None: those of every shop and of all. `is_signed_in`: only those with
    browsers signed in."""
    wanted = None if shop_ids is None else list(shop_ids)
    rows = _queries.tokens_before(
        connection, shop_ids=wanted, before=before, is_signed_in=is_signed_in, wanted=limit
    )
    return [_row(record) async for record in rows]


async def hold_token(connection: Any, token_id: int) -> HeldToken | None:
    """Inside a transaction."""
    record = await _queries.held_token(connection, token_id=token_id)
    return None if record is None else HeldToken(record["id"], record["name"], _tuple(record["shop_ids"]))


def _row(record: Any) -> TokenRow:
    values = dict(record)
    values |= {name: _tuple(values[name]) for name in ("shops", "shop_ids")}
    return TokenRow(**values | {"role": Role(values["role"])})


def _tuple(values: Sequence[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(values)
