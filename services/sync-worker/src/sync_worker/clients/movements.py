"""Reads the parcels and refunds of orders in full: several orders at once, as far as that may cost."""

from collections.abc import Sequence

from shared.clients.shopify_admin import ShopAdmin
from sync_worker.clients.documents import load_document
from sync_worker.clients.shop_reading import REFUND_LINES, in_batches, with_rest
from sync_worker.mapping.nodes import Node

ORDERS_AT_ONCE = 5

_MOVEMENTS = load_document("movements", parts=("parcel_line_fields", "refund_line_fields"), cost=750)
_PARCEL_LINES = load_document("parcel_lines", parts=("parcel_line_fields",), cost=30)


async def movements(admin: ShopAdmin, gids: Sequence[str]) -> dict[str, Node]:
    """By the order's global id: its parcels and refunds. Orders that are gone are left out."""
    nodes = await in_batches(admin, _MOVEMENTS, gids, size=ORDERS_AT_ONCE)
    return {node["id"]: await _with_all_lines(admin, node) for node in nodes}


async def _with_all_lines(admin: ShopAdmin, order: Node) -> Node:
    parcels = [
        await with_rest(admin, parcel, "fulfillmentLineItems", _PARCEL_LINES)
        for parcel in order["fulfillments"]
    ]
    refunds = [await with_rest(admin, refund, "refundLineItems", REFUND_LINES) for refund in order["refunds"]]
    return {**order, "fulfillments": parcels, "refunds": refunds}
