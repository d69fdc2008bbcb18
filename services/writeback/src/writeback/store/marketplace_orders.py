"""Orders of marketplaces, without anything of their buyers."""

from collections.abc import Sequence
from typing import Any

from shared.db.queries import load_queries
from writeback.reading.port import FoundOrder, OrderedLine
from writeback.store.listings import Owner

_queries = load_queries(__file__, "marketplace_orders")


async def keep(connection: Any, owner: Owner, orders: Sequence[FoundOrder]) -> int:
    """Writes what is new or newer than what is stored; how many that were. The orders have different ids."""
    if not orders:
        return 0
    written = await _queries.keep_orders(
        connection,
        account_id=owner.account_id,
        shop_id=owner.shop_id,
        source_ids=[order.id for order in orders],
        order_numbers=[order.number for order in orders],
        statuses=[order.status for order in orders],
        are_shippable=[order.is_shippable for order in orders],
        marketplaces=[order.marketplace for order in orders],
        items=[[_item(line) for line in order.lines] for order in orders],
        ordered_at=[order.ordered_at for order in orders],
        updated_at=[order.updated_at for order in orders],
    )
    return int(written)


def _item(line: OrderedLine) -> dict[str, Any]:
    item = {"id": line.id, "sku": line.sku, "title": line.title, "quantity": line.quantity}
    return item if line.product_id is None else {**item, "product_id": line.product_id}
