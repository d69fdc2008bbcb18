"""Persons who sign in by OIDC. They stand among the tokens, so that what holds for a token holds for them."""

import secrets
from collections.abc import Sequence
from typing import Any

from query_api.auth import Role, Token
from query_api.repository.tokens import token_of
from shared.db.queries import load_queries

_queries = load_queries(__file__, "persons")


async def put_person(
    connection: Any, subject: str, name: str, *, role: Role, shop_ids: Sequence[int] | None
) -> Token:
    """Known again by `subject`. The hash is of no token: nobody can show one."""
    record = await _queries.put_person(
        connection,
        subject=subject,
        name=name,
        role=role,
        shop_ids=None if shop_ids is None else list(shop_ids),
        token_hash=secrets.token_bytes(32),
    )
    token = token_of(record)
    assert token is not None
    return token


async def end_sessions_of(connection: Any, subject: str) -> None:
    await _queries.end_sessions_of(connection, subject=subject)
