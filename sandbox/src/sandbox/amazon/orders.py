"""A seller's orders and what was confirmed of them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

_MOMENT = timedelta(milliseconds=1)


class Status(StrEnum):
    PENDING_AVAILABILITY = "PENDING_AVAILABILITY"
    PENDING = "PENDING"
    UNSHIPPED = "UNSHIPPED"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    CANCELLED = "CANCELLED"
    UNFULFILLABLE = "UNFULFILLABLE"


class By(StrEnum):
    """Who ships."""

    MERCHANT = "MERCHANT"
    AMAZON = "AMAZON"


@dataclass(frozen=True)
class Item:
    id: str
    sku: str
    asin: str
    title: str
    quantity: int


@dataclass(frozen=True)
class Confirmed:
    """What a package was confirmed with."""

    carrier_code: str
    carrier_name: str | None
    shipping_method: str | None
    tracking_number: str
    ship_date: str
    quantities: tuple[tuple[str, int], ...]


@dataclass
class Package:
    """`times_received`: confirmations that were taken; `times_changed`: those that changed something."""

    reference: str
    confirmed: Confirmed
    created_at: datetime
    times_received: int = 1
    times_changed: int = 0


@dataclass
class Order:
    """`refuses_edits`: its packages may not be changed any more, as after fulfilment."""

    id: str
    marketplace_id: str
    items: tuple[Item, ...]
    created_at: datetime
    updated_at: datetime
    fulfilled_by: By = By.MERCHANT
    status: Status = Status.UNSHIPPED
    seller_order_id: str | None = None
    refuses_edits: bool = False
    packages: dict[str, Package] = field(default_factory=dict)

    def confirm(self, reference: str, confirmed: Confirmed, now: datetime) -> None:
        """A new package, or other facts of a known one."""
        known = self.packages.get(reference)
        if known is None:
            self.packages[reference] = Package(reference, confirmed, now)
        else:
            known.times_received += 1
            known.times_changed += known.confirmed != confirmed
            known.confirmed = confirmed
        self.status = Status.SHIPPED if self._is_whole() else Status.PARTIALLY_SHIPPED
        self.touch(now)

    def touch(self, now: datetime) -> None:
        """Every change is told by a later time."""
        self.updated_at = max(now, self.updated_at + _MOMENT)

    def packed(self, *, but: str | None = None) -> Counter[str]:
        """Units in packages, by order item."""
        units: Counter[str] = Counter()
        for package in self.packages.values():
            if package.reference != but:
                units.update(dict(package.confirmed.quantities))
        return units

    def doubled(self) -> int:
        """Packages that have the tracking number of another one: an effect that happened twice."""
        numbers = Counter(package.confirmed.tracking_number for package in self.packages.values())
        return sum(count - 1 for count in numbers.values())

    def _is_whole(self) -> bool:
        packed = self.packed()
        return all(packed[item.id] >= item.quantity for item in self.items)
