"""Refunds as the shop told them. A refund is made once; should it be told anew, the later telling counts."""

from typing import Any

from shared.db.queries import load_queries
from shared.errors import Obsolete
from sync_worker.freshness import Freshness, content_hash
from sync_worker.shopify.refunds import Refund

_queries = load_queries(__file__, "refunds")


async def keep_refund(connection: Any, shop_id: int, refund: Refund) -> Freshness:
    """Stores the refund unless it is known as it is. Inside the caller's transaction."""
    digest = content_hash(refund)
    row = await _queries.refund_hash(connection, shop_id=shop_id, source_id=refund.id)
    if row is not None and row["content_hash"] == digest:
        return Freshness.UNCHANGED
    await _queries.keep_refund(
        connection,
        shop_id=shop_id,
        source_id=refund.id,
        order_id=refund.order_id,
        created_at=refund.created_at,
        content_hash=digest,
        data=refund.model_dump(mode="json", exclude_none=True),
    )
    return Freshness.NEWER


async def known_refund(connection: Any, shop_id: int, source_id: str) -> Refund:
    """Raises Obsolete when it is not known any more."""
    row = await _queries.refund(connection, shop_id=shop_id, source_id=source_id)
    if row is None:
        raise Obsolete("The refund is not known here")
    return Refund.model_validate(row["data"])


async def refunds_of_order(connection: Any, shop_id: int, order_id: str) -> list[Refund]:
    rows = _queries.refunds_of_order(connection, shop_id=shop_id, order_id=order_id)
    return [Refund.model_validate(row["data"]) async for row in rows]


async def order_label(connection: Any, shop_id: int, order_id: str) -> str | None:
    """What people call the order a refund belongs to, if it has come already."""
    row = await _queries.order_label(connection, shop_id=shop_id, order_id=order_id)
    return None if row is None else row["order_number"]
