"""A package's row as a write-back needs it: what is to be told, and what became of it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.db.queries import load_queries
from shared.envelope import TaskHeader, Transition
from shared.errors import Obsolete
from shared.shipments.told import content_of
from writeback.shipments.deciding import Standing
from writeback.targets.port import Line, Package, Told

_queries = load_queries(__file__, "telling")


@dataclass(frozen=True, slots=True)
class Shipment:
    """`order_number` is how people call the order."""

    package: Package
    standing: Standing
    order_number: str | None


async def find_shipment(connection: Any, task: TaskHeader, shipment_id: UUID) -> Shipment:
    """Raises Obsolete when it was erased."""
    row = await _queries.shipment(connection, id=shipment_id, shop_id=task.shop_id)
    if row is None:
        raise Obsolete("The shipment does not exist any more; nothing was told")
    package = _package(row)
    standing = Standing(
        version=row["version"],
        told_version=row["told_version"],
        tried_version=row["tried_version"],
        is_void=row["is_void"],
        is_known=row["told"] is not None,
        is_same=row["told"] == content_of(package),
    )
    return Shipment(package, standing, row["order_number"])


async def begin(pool: Any, task: TaskHeader, shipment: Shipment) -> bool:
    """Committed before the target is told: from here on it may have heard. False: another task, or a person
    by hand, was faster, and nothing may be told."""
    package, version = shipment.package, shipment.standing.version
    begun = await _queries.begin(
        pool,
        id=package.id,
        task_id=task.id,
        version=version,
        tracking_numbers=list(package.tracking_numbers),
    )
    return begun is not None


async def settle(connection: Any, task: TaskHeader, shipment: Shipment, told: Told, *, is_told: bool) -> None:
    """In the transaction that ends the attempt: the target agrees. `is_told`: it was told just now."""
    standing = shipment.standing
    await _queries.settle(
        connection,
        id=shipment.package.id,
        task_id=task.id,
        version=standing.version,
        state=standing.wanted_state.value,
        target_id=told.target_id,
        told=None if standing.is_void else content_of(shipment.package),
        note=told.note,
        is_told=is_told,
    )


async def note_trouble(connection: Any, shipment_id: UUID, ending: Transition) -> None:
    """In the transaction that ends an attempt badly."""
    failure = ending.detail.failure
    assert failure is not None
    await _queries.note_trouble(
        connection,
        id=shipment_id,
        task_id=ending.task.id,
        error_kind=failure.kind,
        error_message=failure.message,
        is_over=ending.state.is_final,
    )


def _package(row: Any) -> Package:
    return Package(
        id=row["id"],
        order_id=row["order_id"],
        number=row["package_number"],
        carrier=row["carrier"],
        service=row["service"],
        tracking_numbers=tuple(row["tracking_numbers"]),
        tracking_url=row["tracking_url"],
        shipped_at=row["shipped_at"],
        lines=tuple(Line(item["id"], item.get("sku"), item["quantity"]) for item in row["items"]),
        marketplace=row["marketplace"],
        target_id=row["target_id"],
        is_known=row["told"] is not None,
        taken=frozenset(row["taken"]),
        tried_numbers=tuple(row["tried_numbers"]),
    )
