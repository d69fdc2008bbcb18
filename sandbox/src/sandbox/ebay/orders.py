"""A seller's orders and what is known to have been shipped of them, whichever interface told it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_MOMENT = timedelta(milliseconds=1)
WITHOUT_NUMBER = "9999999999"


@dataclass
class Line:
    """`shipped_at`: since when the whole line counts as shipped in the Trading API."""

    id: str
    item_id: str
    sku: str
    title: str
    quantity: int
    shipped_at: datetime | None = None

    @property
    def order_line_item_id(self) -> str:
        return f"{self.item_id}-{self.id}"


@dataclass
class Parcel:
    """`quantities` by line id."""

    carrier: str | None
    number: str | None
    shipped_at: datetime
    quantities: dict[str, int]

    @property
    def id(self) -> str:
        """With tracking, a fulfilment is called by its number."""
        return self.number or WITHOUT_NUMBER


@dataclass
class Order:
    id: str
    buyer: str
    lines: tuple[Line, ...]
    created_at: datetime
    updated_at: datetime
    is_cancelled: bool = False
    parcels: list[Parcel] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def status(self) -> str:
        shipped = [self._is_shipped(line) for line in self.lines]
        if all(shipped):
            return "FULFILLED"
        return "IN_PROGRESS" if self.parcels or any(shipped) else "NOT_STARTED"

    def line(self, line_id: str) -> Line | None:
        return next((line for line in self.lines if line.id == line_id), None)

    def with_number(self, number: str) -> Parcel | None:
        return next((one for one in self.parcels if (one.number or "").upper() == number.upper()), None)

    def add(self, parcel: Parcel, now: datetime) -> None:
        """A fulfilment more, whatever was told before."""
        self.parcels.append(parcel)
        self.counts["created"] += 1
        for line in self.lines:
            if self._is_shipped(line) and line.shipped_at is None:
                line.shipped_at = parcel.shipped_at
        self._touch(now)

    def tracking_of(self, line: Line) -> list[Parcel]:
        return [one for one in self.parcels if one.number is not None and line.id in one.quantities]

    def complete(
        self,
        lines: Sequence[Line],
        tracking: Sequence[tuple[str, str]],
        *,
        at: datetime | None,
        now: datetime,
    ) -> None:
        """These lines have this tracking and no other; `at` None: they are not shipped."""
        before = self._picture()
        for line in lines:
            self._forget(line)
            line.shipped_at = at
            for carrier, number in tracking:
                self._carry(line, carrier, number, at or now)
        is_changed = self._picture() != before
        self.counts["completed" if is_changed else "completed_in_vain"] += 1
        if is_changed:
            self._touch(now)

    def doubled(self) -> int:
        """Fulfilments that tell what another one tells already: an effect that happened twice."""
        told = Counter(one.number or str(sorted(one.quantities.items())) for one in self.parcels)
        return sum(count - 1 for count in told.values())

    def cancel(self, now: datetime) -> None:
        self.is_cancelled = True
        self._touch(now)

    def _touch(self, now: datetime) -> None:
        """Every change is told by a later time."""
        self.updated_at = max(now, self.updated_at + _MOMENT)

    def _is_shipped(self, line: Line) -> bool:
        units = sum(parcel.quantities.get(line.id, 0) for parcel in self.parcels)
        return line.shipped_at is not None or units >= line.quantity

    def _forget(self, line: Line) -> None:
        for parcel in self.parcels:
            parcel.quantities.pop(line.id, None)
        self.parcels = [parcel for parcel in self.parcels if parcel.quantities]

    def _carry(self, line: Line, carrier: str, number: str, at: datetime) -> None:
        parcel = self.with_number(number)
        if parcel is None:
            parcel = Parcel(carrier, number, at, {})
            self.parcels.append(parcel)
        parcel.carrier = carrier
        parcel.quantities[line.id] = line.quantity

    def _picture(self) -> object:
        parcels: Iterable[tuple[str, str, str]] = (
            (str(one.carrier), str(one.number), str(sorted(one.quantities.items()))) for one in self.parcels
        )
        return (sorted(parcels), [line.shipped_at is not None for line in self.lines])
