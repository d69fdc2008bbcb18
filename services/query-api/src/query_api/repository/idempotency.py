"""Requests that carried an Idempotency-Key, and how they were answered."""

from dataclasses import dataclass
from typing import Any

from shared.db.queries import load_queries

_queries = load_queries(__file__, "idempotency")


@dataclass(frozen=True, slots=True)
class Key:
    """What a token calls a request of its own; `request` is a hash of it."""

    token_id: int
    key: str
    request: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """`answer` None: the first request with the key has not been answered, for `age_s` seconds now."""

    request: bytes
    answer: bytes | None
    age_s: float


async def reserve(connection: Any, key: Key) -> Known | None:
    """None: the key is new, and now taken by this request."""
    is_new = await _queries.reserve(connection, token_id=key.token_id, key=key.key, request=key.request)
    if is_new is not None:
        return None
    row = await _queries.known(connection, token_id=key.token_id, key=key.key)
    return await reserve(connection, key) if row is None else Known(**dict(row))


async def keep(connection: Any, key: Key, *, status: int, answer: bytes) -> None:
    await _queries.keep(connection, token_id=key.token_id, key=key.key, status=status, answer=answer)


async def release(connection: Any, key: Key) -> None:
    """The request did nothing: the key may be used again."""
    await _queries.release(connection, token_id=key.token_id, key=key.key)
