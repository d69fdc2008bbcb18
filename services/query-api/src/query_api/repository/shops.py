"""Shops and accounts as readers see them: without secrets."""

from collections.abc import Iterable, Sequence
from typing import Any

from query_api.repository.records import AccountName, Names, Shop, TaskRow
from shared.db.queries import load_queries

_queries = load_queries(__file__, "shops")


async def visible_shops(connection: Any, shop_ids: Sequence[int] | None) -> list[Shop]:
    """By domain; `shop_ids` None: all of them."""
    if shop_ids is None:
        records = _queries.all_shops(connection)
    else:
        records = _queries.some_shops(connection, shop_ids=list(shop_ids))
    return [Shop(**dict(record)) async for record in records]


async def account_is_visible(connection: Any, account_id: int, shop_ids: Sequence[int] | None) -> bool:
    """`shop_ids` None: those of all shops."""
    wanted = None if shop_ids is None else list(shop_ids)
    return bool(await _queries.account_exists(connection, account_id=account_id, shop_ids=wanted))


async def names_for(connection: Any, tasks: Iterable[TaskRow], also_accounts: Iterable[int] = ()) -> Names:
    """What to call the shops and accounts of some tasks, and other accounts."""
    rows = list(tasks)
    shops = await visible_shops(connection, list({row.shop_id for row in rows}))
    account_ids = list({*also_accounts, *(row.account_id for row in rows if row.account_id is not None)})
    accounts = _queries.account_names(connection, account_ids=account_ids)
    return Names(
        {shop.id: shop.domain for shop in shops},
        {record["id"]: AccountName(record["kind"], record["name"]) async for record in accounts},
    )
