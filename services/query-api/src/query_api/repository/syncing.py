"""Shipments that people act on: counted, held, and marked as begun or as done by hand."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from query_api.repository.shipment_pages import filters
from query_api.repository.shipment_records import ShipmentRow, Shipper, shipment_row
from query_api.repository.shipments import named_ids
from query_api.shipment_query import ShipmentQuery
from query_api.shipment_words import ShipmentState
from query_api.sync_plan import Kind
from shared.db.queries import load_queries
from shared.shipments.told import content_of

MOST_COUNTED = 10_000
_queries = load_queries(__file__, "syncing")
_shipments = load_queries(__file__, "shipments")

Counts = list[tuple[Kind, int]]


async def counted(connection: Any, query: ShipmentQuery, among: Sequence[Shipper]) -> tuple[Counts, bool]:
    """How many shipments of each kind match; False: of some there are more than were counted.

    Raises TooManyFound.
    """
    named = await named_ids(connection, query, among)
    await _shipments.plan_for_search(connection)
    records = _queries.counted(
        connection,
        account_ids=[shipper.id for shipper in among],
        states=list(query.wanted_states),
        **filters(query, named),
        most=MOST_COUNTED + 1,
    )
    counts = [
        (Kind(row["account_id"], ShipmentState(row["state"]), row["is_left_to_people"]), row["n"])
        async for row in records
    ]
    return counts, all(number <= MOST_COUNTED for _, number in counts)


async def hold_shipments(connection: Any, ids: Sequence[UUID]) -> list[ShipmentRow]:
    """Inside the caller's transaction, until its end: nobody else starts them meanwhile. Sorted by id."""
    rows = [shipment_row(record) async for record in _queries.lock_shipments(connection, ids=list(ids))]
    account_ids, order_ids = [row.account_id for row in rows], [row.order_id for row in rows]
    async for _ in _queries.lock_orders(connection, account_ids=account_ids, order_ids=order_ids):
        pass
    return rows


async def mark_pending(connection: Any, tasks: Mapping[UUID, UUID]) -> None:
    """`tasks`: the id of the new task of each shipment."""
    await _queries.mark_pending(connection, ids=list(tasks), task_ids=list(tasks.values()))


async def is_under_way(connection: Any, task_ids: Sequence[UUID]) -> bool:
    """Whether one of these write-backs may still tell somebody."""
    wanted = {"task_ids": list(task_ids), "low": min(task_ids), "high": max(task_ids)}
    return cast(bool, await _queries.is_under_way(connection, **wanted))


async def mark_done(connection: Any, row: ShipmentRow, *, note: str) -> ShipmentRow:
    """`row` as it is held: what the sender wants now counts as told."""
    return shipment_row(await _queries.mark_done(connection, id=row.id, told=content_of(row), note=note))


async def budgets_of(connection: Any, account_ids: Sequence[int]) -> dict[int, dict[str, float]]:
    """Requests or points a second, by account and operation."""
    found: dict[int, dict[str, float]] = {}
    async for row in _queries.budgets(connection, account_ids=list(account_ids)):
        found.setdefault(row["account_id"], {})[row["operation"]] = row["per_second"]
    return found
