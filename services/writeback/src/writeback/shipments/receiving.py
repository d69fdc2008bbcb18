"""The packages of an order as they are kept, and what a message changes about them."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.db.queries import load_queries
from shared.identity import new_task_id
from shared.shipments.parcels import Parcel
from writeback.shipments.intake import Change, Decision, KnownPackage
from writeback.shipments.orders import KnownOrder
from writeback.targets.port import Line

_queries = load_queries(__file__, "receiving")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message's packages belong, and when it was received."""

    shop_id: int
    order: KnownOrder
    shipment_id: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A package's row after the message. `task_id`: the write-back that is to tell of it, if one is."""

    decision: Decision
    row_id: UUID
    task_id: UUID | None


async def lock_packages(connection: Any, order: KnownOrder) -> list[KnownPackage]:
    """All packages of the order, which nobody else changes until the transaction ends."""
    await _queries.take_turn(connection, place=f"{order.account.id}:{order.id}")
    rows = _queries.known_packages(connection, account_id=order.account.id, order_id=order.id)
    return [_known(row) async for row in rows]


async def keep(
    connection: Any, place: Place, known: Sequence[KnownPackage], decisions: Sequence[Decision]
) -> list[Kept]:
    """Writes what was decided, under the lock of `lock_packages`."""
    kept = [_kept(decision) for decision in decisions]
    first = 1 + max((package.number for package in known), default=0)
    rows = list(_new_rows(place, [one for one in kept if one.decision.change is Change.NEW], first))
    if rows:
        await _queries.add_packages(connection, packages=rows)
    for one in kept:
        await _change(connection, place, one)
    unchanged = [one.row_id for one in kept if one.decision.change is Change.UNCHANGED]
    await _queries.restate_packages(connection, ids=unchanged, stated_at=place.received_at)
    order = place.order
    await _queries.note_ordered(
        connection, account_id=order.account.id, order_id=order.id, ordered=order.units
    )
    return kept


async def _change(connection: Any, place: Place, kept: Kept) -> None:
    facts = {"id": kept.row_id, "task_id": kept.task_id, "stated_at": place.received_at}
    package = kept.decision.package
    if kept.decision.change is Change.VOIDED:
        await _queries.void_package(connection, **facts)
    elif kept.decision.change is Change.CORRECTED and isinstance(package, Parcel):
        await _queries.correct_package(
            connection,
            **facts,
            carrier=package.carrier,
            service=package.service,
            tracking_numbers=list(package.tracking_numbers),
            tracking_url=package.tracking_url,
            shipped_at=package.shipped_at,
        )


def _kept(decision: Decision) -> Kept:
    row_id = new_task_id() if decision.known is None else decision.known.id
    return Kept(decision, row_id, new_task_id() if decision.change.is_told else None)


def _new_rows(place: Place, new: Sequence[Kept], first: int) -> Iterator[dict[str, Any]]:
    order = place.order
    for number, kept in enumerate(new, first):
        package = kept.decision.package
        assert isinstance(package, Parcel)
        yield {
            "id": str(kept.row_id),
            "shop_id": place.shop_id,
            "account_id": order.account.id,
            "order_id": order.id,
            "order_number": order.number,
            "shipment_id": place.shipment_id,
            "package_id": package.id,
            "package_number": number,
            "label": package.label,
            "carrier": package.carrier,
            "service": package.service,
            "tracking_numbers": package.tracking_numbers,
            "tracking_url": package.tracking_url,
            "shipped_at": package.shipped_at.isoformat(),
            "items": [asdict(line) for line in kept.decision.lines],
            "quantity": sum(line.quantity for line in kept.decision.lines),
            "task_id": str(kept.task_id),
            "stated_at": place.received_at.isoformat(),
        }


def _known(row: Any) -> KnownPackage:
    return KnownPackage(
        id=row["id"],
        shipment_id=row["shipment_id"],
        package_id=row["package_id"],
        number=row["package_number"],
        carrier=row["carrier"],
        service=row["service"],
        tracking_numbers=tuple(row["tracking_numbers"]),
        tracking_url=row["tracking_url"],
        lines=tuple(Line(item["id"], item.get("sku"), item["quantity"]) for item in row["items"]),
        is_void=row["is_void"],
        stated_at=row["stated_at"],
    )
