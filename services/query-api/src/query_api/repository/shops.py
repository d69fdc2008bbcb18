"""Shops and accounts as readers see them: without secrets."""

from collections.abc import Sequence
from typing import Any

from query_api.repository.records import Shop
from shared.db.queries import load_queries

_queries = load_queries(__file__, "shops")


async def visible_shops(connection: Any, shop_ids: Sequence[int] | None) -> list[Shop]:
    """By domain; `shop_ids` None: all of them."""
    if shop_ids is None:
        records = _queries.all_shops(connection)
    else:
        records = _queries.some_shops(connection, shop_ids=list(shop_ids))
    return [Shop(**dict(record)) async for record in records]


async def account_name(connection: Any, account_id: int | None) -> str | None:
    """What people call the account, e.g. "engage main"."""
    if account_id is None:
        return None
    async for record in _queries.account_names(connection, account_ids=[account_id]):
        return f"{record['kind']} {record['name']}"
    return None
