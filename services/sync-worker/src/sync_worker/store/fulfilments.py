"""Newest states of fulfilments: an older one never overwrites a newer one."""

from datetime import datetime
from typing import Any

from shared.db.queries import load_queries
from shared.errors import Obsolete
from sync_worker.freshness import Freshness, Known, Stamp, content_hash, freshness
from sync_worker.shopify.fulfilments import Fulfilment

_queries = load_queries(__file__, "fulfilments")


async def keep_fulfilment(
    connection: Any, shop_id: int, parcel: Fulfilment, *, triggered_at: datetime | None
) -> Freshness:
    """Stores the state if it is newer. Inside the caller's transaction."""
    place = {"shop_id": shop_id, "source_id": parcel.id}
    await _queries.ensure_fulfilment(connection, **place, order_id=parcel.order_id)
    row = await _queries.lock_fulfilment(connection, **place)
    known = Known(Stamp(row["updated_at"], row["triggered_at"]), row["content_hash"])
    stamp, digest = Stamp(parcel.updated_at or parcel.created_at, triggered_at), content_hash(parcel)
    verdict = freshness(known, stamp, digest)
    if verdict is not Freshness.OLDER:
        await _queries.keep_fulfilment(
            connection,
            **place,
            updated_at=stamp.updated_at,
            triggered_at=triggered_at or known.stamp.triggered_at,
            content_hash=digest,
            data=parcel.model_dump(mode="json", exclude_none=True),
        )
    return verdict


async def newest_fulfilment(connection: Any, shop_id: int, source_id: str) -> Fulfilment:
    """Raises Obsolete when it is not known any more."""
    row = await _queries.fulfilment(connection, shop_id=shop_id, source_id=source_id)
    if row is None:
        raise Obsolete("The fulfilment is not known here")
    return Fulfilment.model_validate(row["data"])


async def fulfilments_of_order(connection: Any, shop_id: int, order_id: str) -> list[Fulfilment]:
    rows = _queries.fulfilments_of_order(connection, shop_id=shop_id, order_id=order_id)
    return [Fulfilment.model_validate(row["data"]) async for row in rows]
