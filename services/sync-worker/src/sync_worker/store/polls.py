"""What polls compare with, and what they found."""

from collections.abc import Iterable
from typing import Any

from shared.db.queries import load_queries
from sync_worker.polling.found import Thing
from sync_worker.polling.missed import Stored

_queries = load_queries(__file__, "polls")
_STORED = {
    Thing.CUSTOMER: _queries.stored_customers,
    Thing.ORDER: _queries.stored_orders,
    Thing.REFUND: _queries.stored_refunds,
    Thing.PARCEL: _queries.stored_parcels,
}


async def stored(connection: Any, thing: Thing, shop_id: int, ids: Iterable[str]) -> dict[str, Stored]:
    """What is stored of these, by id."""
    rows = _STORED[thing](connection, shop_id=shop_id, source_ids=list(ids))
    return {
        row["source_id"]: Stored(row["updated_at"], row["content_hash"], row["is_deleted"])
        async for row in rows
    }


async def count_missed(connection: Any, thing: Thing, shop_id: int, n: int) -> None:
    await _queries.count_missed(connection, shop_id=shop_id, kind=thing.value, n=n)
