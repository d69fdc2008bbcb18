"""Orders handed to suppliers, and how they stand there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from shared.db.queries import load_queries
from shared.envelope import TaskHeader
from shared.errors import Rejected
from sync_worker.suppliers.port import OrderState

_queries = load_queries(__file__, "supplier_orders")


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """`shop_knows`: the shop's order names the supplier and this reference."""

    reference: str
    shop_knows: bool


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order under way."""

    order_id: str
    reference: str


async def placed_order(connection: Any, task: TaskHeader) -> PlacedOrder | None:
    """What became of the task's order at its supplier."""
    row = await _queries.supplier_order(connection, account_id=task.account_id, order_id=task.source_id)
    return row and PlacedOrder(row["supplier_reference"], row["shop_told_at"] is not None)


async def keep_placed(
    connection: Any, task: TaskHeader, reference: str, *, order_number: str, skus: Sequence[str]
) -> None:
    """Raises Rejected when the reference is that of another order of ours."""
    facts = {"shop_id": task.shop_id, "order_number": order_number, "skus": list(skus)}
    place = {"account_id": task.account_id, "order_id": task.source_id}
    try:
        await _queries.keep_placed(connection, **place, **facts, supplier_reference=reference)
    except asyncpg.UniqueViolationError:
        raise Rejected(
            f"The supplier answered with reference {reference}, which it had given another order before: ask "
            "the supplier, or set 'order_number_prefix' when several shops share one login there"
        ) from None


async def note_shop_told(connection: Any, task: TaskHeader) -> None:
    await _queries.note_shop_told(connection, account_id=task.account_id, order_id=task.source_id)


async def open_orders(connection: Any, account_id: int, *, after: str, wanted: int) -> list[OpenOrder]:
    """The next orders under way, by id."""
    rows = _queries.open_orders(connection, account_id=account_id, after=after, wanted=wanted)
    return [OpenOrder(row["order_id"], row["supplier_reference"]) async for row in rows]


async def count_open(connection: Any, account_id: int) -> int:
    return int(await _queries.count_open(connection, account_id=account_id))


async def keep_states(
    connection: Any, account_id: int, run_id: UUID, states: Sequence[OrderState]
) -> dict[str, bool]:
    """References of those that are orders of ours, and whether the supplier's news changed them."""
    told = [
        {
            "reference": state.reference,
            "status": state.status,
            "tracking_numbers": list(state.tracking_numbers),
            "tracking_url": state.tracking_url,
            "delivery_date": state.delivery_date,
        }
        for state in {state.reference: state for state in states}.values()
    ]
    rows = _queries.keep_states(connection, account_id=account_id, run_id=run_id, states=told)
    return {row["supplier_reference"]: row["is_changed"] async for row in rows}


async def note_unreadable(
    connection: Any, account_id: int, run_id: UUID, references: Sequence[str]
) -> frozenset[str]:
    """Those of them that are orders of ours."""
    rows = _queries.note_unreadable(connection, account_id=account_id, run_id=run_id, refs=list(references))
    return frozenset([row["supplier_reference"] async for row in rows])


async def unmet(connection: Any, account_id: int, run_id: UUID, started_at: datetime) -> list[str]:
    """References of orders under way that the whole list of the supplier did not name."""
    rows = _queries.unmet(connection, account_id=account_id, run_id=run_id, started_at=started_at)
    return [row["supplier_reference"] async for row in rows]
