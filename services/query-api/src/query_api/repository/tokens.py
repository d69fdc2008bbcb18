"""Stored tokens."""

from datetime import datetime, timedelta
from typing import Any, cast

from query_api.auth import Grant, Role, Token, hash_of, shown_prefix
from shared.db.queries import load_queries

TOUCH_INTERVAL = timedelta(minutes=1)
_queries = load_queries(__file__, "tokens")


async def find_token(connection: Any, text: str) -> Token | None:
    return token_of(await _queries.find_token(connection, token_hash=hash_of(text)))


async def token_by_id(connection: Any, token_id: int) -> Token | None:
    return token_of(await _queries.token_by_id(connection, token_id=token_id))


async def touch(connection: Any, token: Token, now: datetime) -> None:
    """Notes that the token is in use, at most once a minute."""
    if token.last_used_at is None or now - token.last_used_at > TOUCH_INTERVAL:
        await _queries.touch_token(connection, token_id=token.id)


async def store_token(connection: Any, text: str, grant: Grant) -> int:
    """Keeps the token's hash, never the token; returns its id."""
    token_id = await _queries.insert_token(
        connection,
        name=grant.name,
        token_hash=hash_of(text),
        prefix=shown_prefix(text),
        role=grant.role,
        shop_ids=None if grant.shop_ids is None else list(grant.shop_ids),
        expires_at=grant.expires_at,
    )
    return cast(int, token_id)


async def all_tokens(connection: Any) -> list[dict[str, Any]]:
    """What an administrator may know about every token."""
    return [dict(record) async for record in _queries.all_tokens(connection)]


async def revoke(connection: Any, token_id: int) -> bool:
    """False: there is no such token."""
    return await _queries.revoke_token(connection, token_id=token_id) is not None


def token_of(record: Any) -> Token | None:
    if record is None:
        return None
    shop_ids = record["shop_ids"]
    return Token(
        id=record["id"],
        name=record["name"],
        role=Role(record["role"]),
        shop_ids=None if shop_ids is None else tuple(shop_ids),
        expires_at=record["expires_at"],
        revoked_at=record["revoked_at"],
        last_used_at=record["last_used_at"],
    )
