"""A sale at eBay as its Trading API tells it, and what CompleteSale has to make of it. Pure.

eBay: CompleteSale replaces all tracking of the line, or of the order, it names. So what stands there has to
be told again, but for what is to go. A line is shipped or not; the API knows no part of one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from xml.etree.ElementTree import Element

from shared.errors import Rejected
from writeback.mapping import ebay_times
from writeback.mapping.ebay_packages import bare
from writeback.mapping.ebay_trading_reads import count_in
from writeback.mapping.ebay_xml import Node, element
from writeback.targets.port import Package


@dataclass(frozen=True, slots=True)
class Tracking:
    carrier: str
    number: str

    @property
    def key(self) -> str:
        return bare(self.number).upper()


@dataclass(frozen=True, slots=True)
class SaleLine:
    id: str
    quantity: int
    is_shipped: bool
    tracking: tuple[Tracking, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What a line is to have. `line_id` None: all lines of the order."""

    line_id: str | None
    is_shipped: bool
    tracking: tuple[Tracking, ...]


def sale_lines(order: Node) -> list[SaleLine]:
    return [
        SaleLine(
            transaction.text("OrderLineItemID") or "",
            _quantity(transaction),
            transaction.text("ShippedTime") is not None,
            tuple(_tracking(transaction)),
        )
        for transaction in order.all("TransactionArray/Transaction")
    ]


def added(
    lines: Sequence[SaleLine], package: Package, new: Sequence[Tracking], old: Iterable[str] = ()
) -> list[Change]:
    """What makes eBay know the package's tracking, without the `old` numbers. Empty: it does."""
    return _merged(lines, [_with(line, new, _keys(old)) for line in _lines_of(lines, package)])


def taken_back(lines: Sequence[SaleLine], package: Package, old: Iterable[str]) -> list[Change]:
    """What makes eBay forget the package's tracking. Empty: it has."""
    return _merged(lines, [_without(line, _keys(old)) for line in _lines_of(lines, package)])


def splits_a_line(lines: Sequence[SaleLine], package: Package) -> bool:
    """Whether the package holds a part of a line only."""
    wanted = {line.id: line.quantity for line in package.lines}
    return any(wanted.get(line.id, line.quantity) < line.quantity for line in lines)


def complete_sale(order_id: str, change: Change, shipped_at: datetime | None) -> list[Element]:
    """The content of the call. eBay: empty Shipment tags delete the tracking."""
    target = element("OrderLineItemID", change.line_id) if change.line_id else element("OrderID", order_id)
    details = [
        element(
            "ShipmentTrackingDetails",
            element("ShippingCarrierUsed", one.carrier),
            element("ShipmentTrackingNumber", one.number),
        )
        for one in change.tracking
    ]
    when = [element("ShippedTime", ebay_times.told(shipped_at))] if shipped_at and change.is_shipped else []
    shipped = element("Shipped", "true" if change.is_shipped else "false")
    return [target, shipped, element("Shipment", *details, *when)]


def _lines_of(lines: Sequence[SaleLine], package: Package) -> list[SaleLine]:
    """Raises Rejected when the order has not what the package holds."""
    known = {line.id: line for line in lines}
    for line in package.lines:
        if line.id not in known:
            text = f"At eBay the order {package.order_id} has no line {line.id}: fetch its orders again"
            raise Rejected(f"{text}, if the account has used eBay's other interface before", kind="not_found")
    return [known[line_id] for line_id in dict.fromkeys(line.id for line in package.lines)]


def _with(line: SaleLine, new: Sequence[Tracking], old: frozenset[str]) -> Change | None:
    """None: the line has what it is to have."""
    fresh = {one.key for one in new}
    there = {one.key: one for one in line.tracking}
    is_known = line.is_shipped and all(_same_carrier(there.get(one.key), one) for one in new)
    if is_known and not (there.keys() & (old - fresh)):
        return None
    kept = tuple(one for one in line.tracking if one.key not in old | fresh)
    return Change(line.id, True, (*kept, *new))


def _without(line: SaleLine, old: frozenset[str]) -> Change | None:
    """None: eBay knows nothing of it any more. What has no tracking left is not shipped."""
    kept = tuple(one for one in line.tracking if one.key not in old)
    if kept == line.tracking and (kept or not line.is_shipped):
        return None
    return Change(line.id, bool(kept), kept)


def _merged(lines: Sequence[SaleLine], changes: Sequence[Change | None]) -> list[Change]:
    """One change of the whole order, where all its lines are to have the same tracking."""
    needed = [change for change in changes if change is not None]
    wanted = {replace(change, line_id=None) for change in needed}
    return list(wanted) if len(needed) == len(lines) and len(wanted) == 1 else needed


def _same_carrier(there: Tracking | None, new: Tracking) -> bool:
    return there is not None and there.carrier.casefold() == new.carrier.casefold()


def _keys(numbers: Iterable[str]) -> frozenset[str]:
    return frozenset(bare(number).upper() for number in numbers)


def _quantity(transaction: Node) -> int:
    told = count_in(transaction, "QuantityPurchased")
    return 1 if told is None else told


def _tracking(transaction: Node) -> Iterable[Tracking]:
    for details in transaction.all("ShippingDetails/ShipmentTrackingDetails"):
        if number := details.text("ShipmentTrackingNumber"):
            yield Tracking(details.text("ShippingCarrierUsed") or "", number)
