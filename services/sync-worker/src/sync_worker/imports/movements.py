"""Parcels and refunds of an exported order. Pure.

Shopify's bulk queries do not look into lists: an export tells how many items a parcel holds, but not which,
and of a refund only that there is one. What follows from the order is not asked for, so that a shop of
ordinary orders is imported without a question for each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sync_worker.freshness import content_hash
from sync_worker.imports.shapes import Unusable, shaped, state_of
from sync_worker.mapping.movement_nodes import parcel_body, refund_body
from sync_worker.mapping.nodes import Node
from sync_worker.shopify.fulfilments import Fulfilment
from sync_worker.shopify.refunds import Refund

GONE = "The shop does not have the order any more"
INCOMPLETE = "The shop does not tell of all parcels and refunds of the order"
_CONTENTS = "fulfillmentLineItems"


@dataclass(frozen=True, slots=True)
class Movement:
    """A parcel or a refund. `data` is what is stored of it, `at` when it last changed."""

    id: str
    at: datetime
    digest: bytes
    data: dict[str, Any]


def is_unread(order: Node) -> bool:
    """Whether the shop has to be asked for the order's movements, as the export does not tell enough."""
    return bool(order["refunds"]) or any(_contents(order, parcel) is None for parcel in order["fulfillments"])


def in_full(order: Node, found: Node | None) -> Node:
    """The order with its movements. `found`: what the shop answered, if it had to be asked.

    The movements are those of the export: what came after is told by a webhook or found by a poll.
    """
    if not is_unread(order):
        return {**order, "fulfillments": [_filled(order, parcel) for parcel in order["fulfillments"]]}
    if found is None:
        raise Unusable(GONE)
    parcels, refunds = _by_id(found["fulfillments"]), _by_id(found["refunds"])
    told = [refunds.get(refund["id"]) for refund in order["refunds"]]
    sent = [
        {**parcel, _CONTENTS: parcels[parcel["id"]][_CONTENTS]} if parcel["id"] in parcels else None
        for parcel in order["fulfillments"]
    ]
    if None in told or None in sent:
        raise Unusable(INCOMPLETE)
    return {**order, "refunds": told, "fulfillments": sent}


def parcels_of(order: Node) -> tuple[Movement, ...]:
    """`order`: as `in_full` gives it. Raises Unusable."""
    bodies = (shaped(partial(parcel_body, order=order), parcel) for parcel in order["fulfillments"])
    parcels = [state_of(Fulfilment, body, "fulfilment") for body in bodies]
    return tuple(_movement(parcel, parcel.updated_at or parcel.created_at) for parcel in parcels)


def refunds_of(order: Node) -> tuple[Movement, ...]:
    """As `parcels_of`."""
    bodies = (shaped(partial(refund_body, order=order), refund) for refund in order["refunds"])
    refunds = [state_of(Refund, body, "refund") for body in bodies]
    return tuple(_movement(refund, refund.created_at) for refund in refunds)


def _contents(order: Node, parcel: Node) -> list[Node] | None:
    """What the parcel holds, where its number of items leaves no choice: all of the order or nothing of it,
    or some of the only line."""
    lines, items = order["lineItems"]["nodes"], parcel["totalQuantity"]
    if items == sum(line["quantity"] for line in lines):
        return [_part(line, line["quantity"]) for line in lines if line["quantity"]]
    if len(lines) == 1:
        return [_part(lines[0], items)]
    return None if items else []


def _filled(order: Node, parcel: Node) -> Node:
    return {**parcel, _CONTENTS: {"nodes": _contents(order, parcel)}}


def _part(line: Node, quantity: int) -> Node:
    return {"quantity": quantity, "lineItem": {"id": line["id"]}}


def _by_id(nodes: list[Node]) -> Mapping[str, Node]:
    return {node["id"]: node for node in nodes}


def _movement(state: Fulfilment | Refund, at: datetime) -> Movement:
    data = state.model_dump(mode="json", exclude_none=True)
    return Movement(state.id, at, content_hash(state), data)
