"""What polls compare with, and what they found."""

from collections.abc import Iterable
from typing import Any

from shared.db.queries import load_queries
from sync_worker.clients.shop_reading import Kind
from sync_worker.polling.missed import Stored

_queries = load_queries(__file__, "polls")


async def stored(connection: Any, kind: Kind, shop_id: int, ids: Iterable[str]) -> dict[str, Stored]:
    """What is stored of these, by id."""
    query = _queries.stored_orders if kind is Kind.ORDERS else _queries.stored_customers
    return {
        row["source_id"]: Stored(row["updated_at"], row["content_hash"], row["is_deleted"])
        async for row in query(connection, shop_id=shop_id, source_ids=list(ids))
    }


async def count_missed(connection: Any, kind: Kind, shop_id: int, n: int) -> None:
    await _queries.count_missed(connection, shop_id=shop_id, kind=kind.value, n=n)
