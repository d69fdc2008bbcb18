"""What a message means for the packages of its order. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.shipments.message import Message
from shared.shipments.parcels import Fault, Faulty, Parcel, Void
from writeback.shipments.filling import are_same, left_on, lines_of
from writeback.shipments.orders import KnownOrder
from writeback.targets.port import Line

TOLERANCE = timedelta(days=1)


class Change(StrEnum):
    """What becomes of a package; only the first three are told to the order's shop or marketplace."""

    NEW = "new"
    CORRECTED = "corrected"
    VOIDED = "voided"
    UNCHANGED = "unchanged"
    OUTDATED = "outdated"

    @property
    def is_told(self) -> bool:
        return self in (Change.NEW, Change.CORRECTED, Change.VOIDED)


@dataclass(frozen=True, slots=True)
class KnownPackage:
    """A package of the order that was reported before. `stated_at`: when its newest message was received."""

    id: UUID
    shipment_id: str
    package_id: str
    number: int
    carrier: str
    service: str | None
    tracking_numbers: tuple[str, ...]
    tracking_url: str | None
    lines: tuple[Line, ...]
    is_void: bool
    stated_at: datetime

    def says(self, parcel: Parcel) -> bool:
        """Whether carrier and tracking are the parcel's."""
        mine = (self.carrier, self.service, self.tracking_numbers, self.tracking_url)
        return mine == (parcel.carrier, parcel.service, parcel.tracking_numbers, parcel.tracking_url)


@dataclass(frozen=True, slots=True)
class Decision:
    """`known` None: the package is new, and `lines` is what it holds."""

    change: Change
    package: Parcel | Void
    known: KnownPackage | None = None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    """`awaited`: packages to take back that nobody has reported yet."""

    decisions: tuple[Decision, ...]
    faults: tuple[Fault, ...]
    awaited: tuple[Void, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The order, all packages that were reported of it, and when the message was received."""

    order: KnownOrder
    known: Sequence[KnownPackage]
    received_at: datetime


def decide(message: Message, shelf: Shelf) -> Intake:
    """What is taken back comes first, so that its units can go into another package of the same message."""
    mine = {one.package_id: one for one in shelf.known if one.shipment_id == message.shipment_id}
    voids = [one for one in message.packages if isinstance(one, Void)]
    decisions = [_taken_back(void, mine[void.id]) for void in voids if void.id in mine]
    gone = {decision.known.id for decision in decisions if decision.known is not None}
    left = left_on(shelf.order, [one.lines for one in shelf.known if not (one.is_void or one.id in gone)])
    faults = list(message.faults)
    for parcel in (one for one in message.packages if isinstance(one, Parcel)):
        try:
            known = mine.get(parcel.id)
            decision = _fresh(parcel, shelf, left) if known is None else _again(parcel, known, shelf)
        except Faulty as faulty:
            faults += faulty.faults
            continue
        for line in decision.lines:
            left[line.id] -= line.quantity
        decisions.append(decision)
    return Intake(tuple(decisions), tuple(faults), tuple(void for void in voids if void.id not in mine))


def _taken_back(void: Void, known: KnownPackage) -> Decision:
    return Decision(Change.UNCHANGED if known.is_void else Change.VOIDED, void, known)


def _fresh(parcel: Parcel, shelf: Shelf, left: dict[str, int]) -> Decision:
    order = shelf.order
    if order.why_not is not None:
        raise Faulty([Fault(parcel.id, "order", order.why_not)])
    if order.ordered_at is not None and parcel.shipped_at < order.ordered_at - TOLERANCE:
        raise Faulty([Fault(parcel.id, "shipped_at", "is before the order was placed")])
    return Decision(Change.NEW, parcel, lines=lines_of(parcel, order, left))


def _again(parcel: Parcel, known: KnownPackage, shelf: Shelf) -> Decision:
    if known.stated_at > shelf.received_at:
        return Decision(Change.OUTDATED, parcel, known)
    if known.is_void:
        raise Faulty([Fault(parcel.id, "id", "was taken back: report the package under another id")])
    if not are_same(parcel.items, known.lines):
        problem = "are not those it was reported with: take the package back and report another one"
        raise Faulty([Fault(parcel.id, "items", problem)])
    return Decision(Change.UNCHANGED if known.says(parcel) else Change.CORRECTED, parcel, known)
