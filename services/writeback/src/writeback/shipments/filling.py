"""Which units of an order a package takes. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from shared.shipments.parcels import Fault, Faulty, Item, Parcel
from writeback.shipments.orders import KnownOrder, plain_id
from writeback.targets.port import Line

Left = dict[str, int]


def left_on(order: KnownOrder, packages: Iterable[Sequence[Line]]) -> Left:
    """Units of each line that are in none of the packages."""
    left = {line.id: line.quantity for line in order.lines}
    for lines in packages:
        for line in lines:
            left[line.id] = left.get(line.id, 0) - line.quantity
    return left


def lines_of(parcel: Parcel, order: KnownOrder, left: Mapping[str, int]) -> tuple[Line, ...]:
    """The order lines its products are. Raises Faulty naming every product that can not be in it."""
    free, taken, faults = dict(left), dict[str, int](), list[Fault]()
    for place, item in enumerate(parcel.items):
        fault = _fill(item, order, free, taken)
        if fault is not None:
            field, problem = fault
            faults.append(Fault(parcel.id, f"items.{place}.{field}", problem))
    if faults:
        raise Faulty(faults)
    return tuple(Line(line.id, line.sku, taken[line.id]) for line in order.lines if line.id in taken)


def are_same(items: Sequence[Item], lines: Sequence[Line]) -> bool:
    """Whether the products are exactly those of the lines."""
    rest = {line.id: line.quantity for line in lines}
    for item in sorted(items, key=lambda item: item.id is None):
        wanted = item.quantity
        for line in lines:
            if _is_meant(item, line.id, line.sku):
                units = min(wanted, rest[line.id])
                rest[line.id] -= units
                wanted -= units
        if wanted:
            return False
    return not any(rest.values())


def _fill(item: Item, order: KnownOrder, free: Left, taken: Left) -> tuple[str, str] | None:
    """Takes the item's units from the order's lines; the field and what is wrong with it when it can not."""
    meant = [line for line in order.lines if _is_meant(item, line.id, line.sku)]
    if not meant:
        return ("sku" if item.id is None else "id"), f"is not on the order: {item}"
    available = sum(max(0, free[line.id]) for line in meant)
    if item.quantity > available:
        return "quantity", f"is {item.quantity}, but {available} of {item} are left to ship on the order"
    wanted = item.quantity
    for line in meant:
        units = min(wanted, max(0, free[line.id]))
        if units:
            free[line.id] -= units
            taken[line.id] = taken.get(line.id, 0) + units
            wanted -= units
    return None


def _is_meant(item: Item, line_id: str, sku: str | None) -> bool:
    return plain_id(item.id) == line_id if item.id is not None else item.sku == sku
