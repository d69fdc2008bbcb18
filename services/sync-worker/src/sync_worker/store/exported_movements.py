"""Parcels and refunds of exported orders, stored together: what is there and as new stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.db.queries import load_queries
from sync_worker.imports.movements import Movement
from sync_worker.imports.objects import OrderState

_queries = load_queries(__file__, "exported_movements")


@dataclass(frozen=True, slots=True)
class News:
    """The id of the order of each parcel and each refund that was not known as it is."""

    parcels: Mapping[str, str] = field(default_factory=dict)
    refunds: Mapping[str, str] = field(default_factory=dict)


async def keep(connection: Any, shop_id: int, orders: Sequence[OrderState]) -> News:
    """Inside the caller's transaction."""
    parcels = sorted(
        ((parcel, order.state.id) for order in orders for parcel in order.parcels), key=lambda one: one[0].id
    )
    refunds = sorted(
        ((refund, order.state.id) for order in orders for refund in order.refunds), key=lambda one: one[0].id
    )
    return News(
        await _kept(_queries.keep_parcels, connection, shop_id, parcels),
        await _kept(_queries.keep_refunds, connection, shop_id, refunds),
    )


async def _kept(
    query: Any, connection: Any, shop_id: int, movements: Sequence[tuple[Movement, str]]
) -> dict[str, str]:
    if not movements:
        return {}
    rows = query(
        connection,
        shop_id=shop_id,
        source_ids=[movement.id for movement, _ in movements],
        order_ids=[order_id for _, order_id in movements],
        ats=[movement.at for movement, _ in movements],
        content_hashes=[movement.digest for movement, _ in movements],
        datas=[movement.data for movement, _ in movements],
    )
    return {row["source_id"]: row["order_id"] async for row in rows}
