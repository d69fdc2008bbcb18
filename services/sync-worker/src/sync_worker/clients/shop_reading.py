"""Reads customers and orders of a shop: which have changed since, and how they are now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from shared.clients.shopify_admin import Document, ShopAdmin
from shared.clients.shopify_answers import TooExpensive
from sync_worker.clients.documents import load_document
from sync_worker.mapping.nodes import Node, number_of

PAGE = 250


class Kind(StrEnum):
    """What a shop's store of data is made of."""

    CUSTOMERS = "customers"
    ORDERS = "orders"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changed at that moment; `id` as webhooks tell it.

    `refunds` and `parcels` are those of an order, each with when it last changed.
    """

    id: str
    gid: str
    updated_at: datetime
    refunds: tuple["Change", ...] = ()
    parcels: tuple["Change", ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Changes, the oldest first. `next_cursor` None: it is the last page."""

    changes: tuple[Change, ...]
    next_cursor: str | None


_CHANGED = {
    Kind.CUSTOMERS: load_document("changed_customers", cost=30),
    Kind.ORDERS: load_document("changed_orders", cost=50),
}
_WHOLE = {
    Kind.CUSTOMERS: load_document("customers", parts=("customer_fields",), cost=100),
    Kind.ORDERS: load_document("orders", parts=("customer_fields", "line_fields"), cost=400),
}
_BATCH = {Kind.CUSTOMERS: 25, Kind.ORDERS: 2}
_ORDER_LINES = load_document("order_lines", parts=("line_fields",), cost=150)
REFUND_LINES = load_document("refund_lines", parts=("refund_line_fields",), cost=70)


async def changed(admin: ShopAdmin, kind: Kind, *, since: datetime, after: str | None) -> Page:
    """One page of what changed at `since` or later."""
    moment = since.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    variables = {"first": PAGE, "after": after, "query": f"updated_at:>='{moment}'"}
    found = (await admin.call(_CHANGED[kind], variables))["changed"]
    info = found["pageInfo"]
    next_cursor = info["endCursor"] if info["hasNextPage"] else None
    return Page(tuple(_change(node) for node in found["nodes"]), next_cursor)


async def whole(admin: ShopAdmin, kind: Kind, gids: Sequence[str]) -> list[Node]:
    """The nodes as they are now; those that are gone are left out."""
    nodes = await in_batches(admin, _WHOLE[kind], gids, size=_BATCH[kind])
    return [await _with_all_lines(admin, node) for node in nodes] if kind is Kind.ORDERS else nodes


async def in_batches(admin: ShopAdmin, document: Document, gids: Sequence[str], *, size: int) -> list[Node]:
    """What `nodes(ids: $ids)` finds, so many at a time; fewer when they cost too much."""
    nodes, rest = list[Node](), list(gids)
    while rest:
        try:
            found = (await admin.call(document, {"ids": rest[:size]}))["nodes"]
        except TooExpensive:
            if size == 1:
                raise
            size //= 2
            continue
        nodes += [node for node in found if node]
        rest = rest[size:]
    return nodes


async def with_rest(admin: ShopAdmin, node: Node, name: str, document: Document) -> Node:
    """The node with all of a connection of which it has the first page; `document` asks for the `rest`."""
    found: list[Any] = list(node[name]["nodes"])
    info = node[name]["pageInfo"]
    while info["hasNextPage"]:
        whole = (await admin.call(document, {"id": node["id"], "after": info["endCursor"]}))["whole"]
        if whole is None:
            break
        found += whole["rest"]["nodes"]
        info = whole["rest"]["pageInfo"]
    return {**node, name: {"nodes": found}}


def _change(node: Node) -> Change:
    moment = node.get("updatedAt") or node["createdAt"]
    return Change(
        str(number_of(node["id"])),
        node["id"],
        datetime.fromisoformat(moment),
        refunds=tuple(_change(refund) for refund in node.get("refunds", ())),
        parcels=tuple(_change(parcel) for parcel in node.get("fulfillments", ())),
    )


async def _with_all_lines(admin: ShopAdmin, order: Node) -> Node:
    """Long orders come in parts, and so do their refunds."""
    whole = await with_rest(admin, order, "lineItems", _ORDER_LINES)
    refunds = [await with_rest(admin, refund, "refundLineItems", REFUND_LINES) for refund in order["refunds"]]
    return {**whole, "refunds": refunds}
